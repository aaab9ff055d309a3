import RedisClient

/// Messages as pipelines of XADD, a thousand at most in each: what one round trip carries.
struct EncodedSlices<Messages: Collection<OutgoingMessage>>: Sequence, IteratorProtocol {
    private var encoder: EntryEncoder
    private var rest: Messages.SubSequence

    /// Creates the pipelines for the stream with that Redis key; none for no messages.
    init(_ messages: Messages, key: String) {
        encoder = EntryEncoder(key: key)
        rest = messages[...]
    }

    mutating func next() -> RedisPipeline? {
        guard !rest.isEmpty else { return nil }
        let slice = rest.prefix(OutgoingBatch.entryLimit)
        rest = rest.dropFirst(slice.count)
        encoder.removeAll()
        for message in slice { encoder.append(message) }
        return encoder.pipeline
    }
}
