import Redstream
import RedstreamConnection

/// Says which of the streams that a service works on do not exist: a name may be a mistake, and it would wait for ever.
struct StreamPresence: Sendable {
    let client: StreamClient
    let location: Location
    /// The streams that were named; none for all there are.
    let names: [String]
    let shards: Sharding?
    /// True if a delay stream is enough.
    var countsDelayStreams = false

    /// Looks, and says what is missing.
    ///
    /// - Parameters:
    ///   - context: Where to say it.
    ///   - limit: The time that the server may be away; nil for any time.
    ///   - isOver: True if the command ends without waiting for them.
    /// - Throws: `RedisError`; `CancellationError`.
    func noteMissing(in context: CommandContext, for limit: Duration?, isOver: Bool) async throws {
        let yet = isOver ? "" : " yet"
        guard !names.isEmpty else {
            let found = try await context.retrying(client, for: limit) {
                try await client.directory(for: isOver ? .look : .service)
            }
            guard (countsDelayStreams ? found.delayedStreams : found.primaryStreams).isEmpty else { return }
            let kind = countsDelayStreams ? "delay streams" : "streams"
            return context.console.note(
                "there are no \(kind)\(yet) at \(location)", advice: await NameAdvice(client).onNamespace())
        }
        let missing = try await context.retrying(client, for: limit) {
            var missing: [String] = []
            for name in names where try await !exists(name) { missing.append(name) }
            return missing
        }
        let kind = shards == nil ? "stream" : "shard of"
        for name in missing {
            let what =
                countsDelayStreams
                ? "there is neither a \(kind) \(NameText.shown(name)) nor a delay stream of it\(yet)"
                : "there is no \(kind) \(NameText.shown(name))\(yet)"
            context.console.note(what, advice: await NameAdvice(client).onStream(name))
        }
        for name in names where !missing.contains(name) {
            if let warning = await ShardCheck.warning(of: name, shards, client) { context.console.note(warning) }
        }
    }

    /// Returns whether a stream, or one of its shards, exists.
    private func exists(_ name: String) async throws -> Bool {
        let streams = shards.streams(of: name)
        for stream in countsDelayStreams ? streams.flatMap({ [Keyspace.delayStreamName(of: $0), $0] }) : streams {
            do {
                if try await client.lastID(of: stream) != nil { return true }
            } catch let error as RedisError where error.retryAdvice == .fail {
                // The service says what is wrong with it.
                return true
            }
        }
        return false
    }
}
