import RedstreamConnection

/// Messages as pipelines of XADD, a thousand at most in each: what one round trip carries.
struct EntryPipelines<Messages: Collection<OutgoingMessage>>: Sequence, IteratorProtocol {
    private var encoder: EntryEncoder
    private var rest: Messages.SubSequence
    private let replicaWait: Producer.ReplicaWait?

    /// Creates the pipelines for the stream with that Redis key; none for no messages.
    ///
    /// Each ends with WAIT where replicas are waited for: the next may meet another server, which would answer for its own
    /// writes only.
    init(_ messages: Messages, key: RedisKey, waitingFor replicaWait: Producer.ReplicaWait? = nil) {
        encoder = EntryEncoder(key: key)
        self.replicaWait = replicaWait
        rest = messages[...]
    }

    mutating func next() -> RedisPipeline? {
        guard !rest.isEmpty else { return nil }
        let slice = rest.prefix(OutgoingBatch.entryLimit)
        rest = rest.dropFirst(slice.count)
        encoder.removeAll()
        for message in slice { encoder.append(message) }
        var pipeline = encoder.pipeline
        replicaWait?.append(to: &pipeline)
        return pipeline
    }
}
