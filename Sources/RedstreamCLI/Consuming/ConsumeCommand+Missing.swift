import Redstream

extension ConsumeCommand {
    /// Says that there is no such stream, and what may have been meant.
    func noteMissingStream(isOver: Bool, _ client: StreamClient, in context: CommandContext) async throws {
        let shard = try await context.retrying(for: retryLimit) { try await firstShard(client) }
        let what = "there is no stream \(stream)"
        if let shard {
            context.console.note("\(what), but \(shard) exists: is --shards missing?")
        } else {
            context.console.note(isOver ? what : "\(what) yet: waiting for its first entry")
        }
    }

    /// A shard of the stream that exists; nil where none was found among the first.
    private func firstShard(_ client: StreamClient) async throws -> String? {
        for index in 0..<8 {
            let shard = "\(stream)-\(index)"
            if try await client.lastID(of: shard) != nil { return shard }
        }
        return nil
    }
}
