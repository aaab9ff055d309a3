import Redstream
import RedstreamConnection
import ServiceLifecycle

extension ConsumeCommand {
    func run(in context: CommandContext) async throws -> ExitCode {
        // Output that goes nowhere must not count as handled.
        if exec == nil { try context.requireOutput() }
        let client = try connection.client(in: context)
        if name != nil { try client.requireOneSlot(of: stream) }
        let streams = shards.streams(of: stream)
        guard let plans = try await plans(streams, client, in: context) else { return .done }
        if !plans.contains(where: \.streamExists) {
            let isOver = plans.allSatisfy(\.isOver)
            await noteMissingStream(isOver: isOver, client, in: context)
            // There is nothing to read, and the name may be a mistake: no offset is left behind.
            if isOver { return .done }
        }
        if let warning = await ShardCheck.warning(of: stream, shards, client) { context.console.note(warning) }
        try await noteStart(plans, client, in: context)
        if name == nil, from == .latest, exitAtEnd {
            context.console.note("--from latest starts after all that --exit-at-end reads: there is nothing to read")
        }
        let counter = Progress(
            context.console, unit: "messages", isShown: isFinite && !context.outputIsTerminal)
        let works = Array(zip(streams, plans))
        let service =
            if let name {
                consumer(name, works, client, counter, in: context)
            } else {
                reader(works, client, counter, in: context)
            }
        let request = try await context.serve([service], grace: grace.limit, watchesOutput: exec == nil)
        counter.finish()
        // Only where being stopped is the normal end is it a success.
        return isFinite ? request?.exitCode ?? .done : .done
    }

    /// Returns the consumer of the stream, or of its shards.
    private func consumer(
        _ name: String, _ works: [(stream: String, plan: ReadPlan)], _ client: StreamClient,
        _ counter: Progress, in context: CommandContext
    ) -> any Service {
        let handle = handler(in: context)
        let handler: Consumer.Handler = { batch in
            try await handle(batch)
            counter.add(batch.messages.count)
        }
        guard shards != nil else {
            return Consumer(client, stream: stream, name: name, options: options(works[0].plan), handler: handler)
        }
        // Where there is nothing to read, and will not be, no offset is left behind.
        let shards = works.filter { $0.plan.streamExists || !$0.plan.isOver }
        return ShardedConsumer(
            client, stream: stream, name: name, shards: shards.map { ($0.stream, options($0.plan)) },
            maximumActive: maxActive, handler: handler)
    }

    /// Returns the reader of the stream, or of its shards.
    private func reader(
        _ works: [(stream: String, plan: ReadPlan)], _ client: StreamClient, _ counter: Progress,
        in context: CommandContext
    ) -> any Service {
        let write = writer(in: context)
        guard shards != nil else {
            let plan = works[0].plan
            return StreamReader(
                client, stream: stream, from: plan.start, limits: plan.limits, batchSize: batchSize,
                retryLimit: retryLimit
            ) { messages in
                try await write(stream, messages)
                counter.add(messages.count)
            }
        }
        // Where the consumer of `--from committed:NAME` has committed nothing on any shard, its name is a mistake.
        let isKnown = works.contains { $0.plan.hasOrigin }
        return ShardedReader(
            client,
            spans: works.map { stream, plan in
                (stream, isKnown && !plan.hasOrigin ? .earliest : plan.start, plan.limits)
            }, batchSize: batchSize, retryLimit: retryLimit
        ) { stream, messages in
            try await write(stream, messages)
            counter.add(messages.count)
        }
    }

    /// Returns the start and the end for each stream; nil where following was over before it began.
    private func plans(
        _ streams: [String], _ client: StreamClient, in context: CommandContext
    ) async throws -> [ReadPlan]? {
        do {
            return try await context.retrying(client, for: retryLimit) {
                let now = try await client.serverTime()
                var plans: [ReadPlan] = []
                for stream in streams { plans.append(try await ReadPlan(self, stream: stream, now: now, client)) }
                return plans
            }
        } catch is CancellationError where !isFinite && context.signals.first != nil {
            return nil
        }
    }

    /// Says that the stream, or all of its shards, do not exist, and what may have been meant.
    private func noteMissingStream(isOver: Bool, _ client: StreamClient, in context: CommandContext) async {
        let what = "there is no \(shards == nil ? "stream" : "shard of") \(NameText.shown(stream))"
        let advice = await NameAdvice(client).onStream(stream)
        context.console.note(what + (isOver ? "" : " yet: waiting for its first entry"), advice: advice)
    }
}
