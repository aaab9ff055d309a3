import Redstream
import RedstreamConnection

/// The task of a `produce`: all that its phases have in common.
struct ProduceJob: Sendable {
    let client: StreamClient
    let stream: String
    /// Chooses shards; nil where there are none.
    let placement: ShardPlacement?
    let format: LineFormat
    let invalidLines: ProduceSession.InvalidLines
    let replicaWait: Producer.ReplicaWait?
    let retryLimit: Duration

    /// The stream, or its delay stream.
    func target(isDelayed: Bool) -> ProduceTarget {
        ProduceTarget(stream: stream, sharding: placement?.sharding, isDelayed: isDelayed)
    }

    /// Writes messages to a target until all are acknowledged.
    ///
    /// A second signal, or ten seconds after the first one, cuts it short.
    ///
    /// - Parameters:
    ///   - input: The messages.
    ///   - target: The streams.
    ///   - context: The place to show progress, and to name refused lines.
    ///   - isChecked: True if the messages were taken and checked before.
    ///   - ids: Is told the ids of acknowledged entries.
    ///   - end: Reacts to the first signal.
    /// - Returns: The outcome, which holds the error if it failed, and the first signal.
    /// - Throws: `CancellationError`.
    func send(
        _ input: ProduceInput, to target: ProduceTarget, in context: CommandContext, isChecked: Bool = false,
        ids: ChangeReports? = nil, end: @escaping @Sendable () -> Void
    ) async throws -> (outcome: ProduceOutcome, request: StopRequest?) {
        let (value, request) = try await context.finishing(within: .seconds(10), end: end) {
            var session = session(to: target, in: context, input, isChecked: isChecked, ids: ids)
            var outcome = ProduceOutcome(target: target)
            do {
                try await session.send(input)
                // Of the delay stream beside a stream, nothing is said.
                if !(isChecked && target.isDelayed) { outcome.isOfNewStreams = await session.hasMadeStreams() }
            } catch {
                outcome.error = error
            }
            session.close()
            (outcome.tally, outcome.skipped) = (session.tally, session.skipped)
            outcome.hasTakenAll = session.hasTakenAll
            return outcome
        }
        return (value, request)
    }

    private func session(
        to target: ProduceTarget, in context: CommandContext, _ input: ProduceInput, isChecked: Bool,
        ids: ChangeReports?
    ) -> ProduceSession {
        let onIDs = ids.map { reports in { @Sendable (ids: [StreamID]) in try await reports.tell(ids) } }
        let size: Int? = if case .lines(_, let size) = input { size } else { nil }
        return ProduceSession(
            MessageIntake(self, to: target, context.console, looksAtFirst: !isChecked),
            ProducePipeline(
                client, stream: stream, keys: target.keys(client.keys), replicaWait: replicaWait,
                retryLimit: retryLimit, onIDs: onIDs),
            Progress(context.console, unit: "messages", total: size))
    }
}

/// The destination of messages: a stream, its delay stream, or the shards of either.
struct ProduceTarget: Sendable {
    let stream: String
    /// The number of shards; nil for none.
    let sharding: Sharding?
    let isDelayed: Bool

    /// The target in words: `products.delay`, `4 shards of products`.
    var name: String {
        guard sharding != nil else { return NameText.shown(names[0]) }
        return (isDelayed ? "the delay streams of " : "") + ShardCheck.place([stream], sharding)
    }

    /// The names of the streams whose messages these are.
    var streams: [String] { sharding.streams(of: stream) }

    /// The names of the streams, by which entries name their targets.
    var names: [String] { isDelayed ? streams.map(Keyspace.delayStreamName(of:)) : streams }

    /// The Redis keys of the streams.
    func keys(_ keyspace: Keyspace) -> [RedisKey] { names.map(keyspace.stream) }
}
