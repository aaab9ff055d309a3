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

    /// Begins to write to a target.
    ///
    /// - Parameters:
    ///   - target: Where to.
    ///   - context: Where progress is shown, and refused lines are named.
    ///   - inputSize: The size of the input in bytes, where it is known.
    ///   - isChecked: True if the messages were taken and checked before.
    ///   - ids: Is told the ids of acknowledged entries.
    /// - Returns: The session, which is to be closed.
    func session(
        to target: ProduceTarget, in context: CommandContext, inputSize: Int?, isChecked: Bool = false,
        ids: ChangeReports? = nil
    ) -> ProduceSession {
        let keys = target.keys(client.keys)
        let onIDs = ids.map { reports in { @Sendable (ids: [StreamID]) in try await reports.tell(ids) } }
        return ProduceSession(
            context, keys: keys, format: format, placement: placement, invalidLines: invalidLines,
            pipeline: ProducePipeline(
                client, stream: stream, keys: keys, replicaWait: replicaWait, retryLimit: retryLimit, onIDs: onIDs),
            inputSize: inputSize, isChecked: isChecked)
    }
}
