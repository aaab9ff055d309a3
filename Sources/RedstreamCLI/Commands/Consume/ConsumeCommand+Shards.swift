import Redstream
import ServiceLifecycle

extension ConsumeCommand {
    /// Looks at all shards of the stream, or is their consumer.
    func run(_ shards: Sharding, _ client: StreamClient, in context: CommandContext) async throws -> ExitCode {
        let streams = shards.streams(of: stream)
        guard var plans = try await plans(streams, client, in: context) else { return .done }
        if !plans.contains(where: \.streamExists) {
            let isOver = plans.allSatisfy(\.isOver)
            await noteMissingStream(isOver: isOver, client, in: context)
            if isOver { return .done }
        }
        if let warning = await ShardCheck.warning(of: stream, shards, client) { context.console.note(warning) }
        try await noteStart(plans, client, in: context)
        let tally = ProgressCounter(
            context.console, unit: "messages", isShown: isFinite && !context.outputIsTerminal)
        // Batches of several shards are written at a time.
        let output = SerialWriter(context.output)
        let service: any Service
        if let name {
            let handle = handler(writingTo: output.write, in: context)
            // Where there is nothing to read, and will not be, no offset is left behind.
            let shards = zip(streams, plans).filter { $1.streamExists || !$1.isOver }
            service = ShardedConsumer(
                client, stream: stream, name: name, shards: shards.map { ($0, options($1)) }, maximumActive: maxActive
            ) { batch in
                try await handle(batch)
                tally.add(batch.messages.count)
            }
        } else {
            let unread = try await context.retrying(client, for: retryLimit) { try await unreadShards(streams, client) }
            for index in unread { plans[index].start = .earliest }
            let write = writer(to: output.write, in: context)
            service = ShardedReader(
                client, spans: zip(streams, plans).map { ($0, $1.start, $1.limits) }, batchSize: batchSize,
                retryLimit: retryLimit
            ) { stream, messages in
                try await write(stream, messages)
                tally.add(messages.count)
            }
        }
        let request = try await context.serve([service], grace: grace.limit, watchesOutput: exec == nil)
        tally.finish()
        return isFinite ? request?.exitCode ?? .done : .done
    }

    /// The shards where the consumer of `--from committed:NAME` has not committed yet: none where it has on no shard, for
    /// then its name is a mistake.
    private func unreadShards(_ streams: [String], _ client: StreamClient) async throws -> [Int] {
        guard case .committed(let other) = from else { return [] }
        var unread: [Int] = []
        for (index, stream) in streams.enumerated() {
            do {
                _ = try await client.readableOffset(of: ConsumerName(stream: stream, name: other))
            } catch RedstreamError.unknownConsumer {
                unread.append(index)
            }
        }
        return unread.count < streams.count ? unread : []
    }
}
