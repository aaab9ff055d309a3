import Redstream

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
        let keys = target.keys(client.keys)
        let onIDs = ids.map { reports in { @Sendable (ids: [StreamID]) in try await reports.tell(ids) } }
        let size: Int? = if case .lines(_, let size) = input { size } else { nil }
        return ProduceSession(
            context, keys: keys, format: format, placement: placement, invalidLines: invalidLines,
            pipeline: ProducePipeline(
                client, stream: stream, keys: keys, replicaWait: replicaWait, retryLimit: retryLimit, onIDs: onIDs),
            inputSize: size, isChecked: isChecked)
    }
}
