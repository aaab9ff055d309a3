import RedstreamConnection

/// A stream whose keys a cluster would keep apart: no atomic step can touch them all.
public struct SplitKeys: Sendable, Equatable {
    /// The stream.
    public let stream: String
    /// A name for the stream that keeps its keys together; nil where only another namespace can.
    public let suggestion: String?
}

extension Keyspace {
    /// Tells whether all keys of a stream and of its consumers share a slot of a cluster.
    ///
    /// They do where the stream's name, or the namespace, has a part in braces: `{products}` with all of its shards
    /// `{products}-0`, or `{shop}` with all of its streams.
    ///
    /// Names of consumers do not matter: they stand behind the stream's.
    ///
    /// - Parameter stream: The stream, its delay stream, or the name that its shards have in common.
    /// - Returns: What to do about it; nil where they do.
    public func splitKeys(of stream: String) -> SplitKeys? {
        let stream = stream.removing(suffix: Self.delayStreamName(of: "")) ?? stream
        guard !sharesSlot(stream) else { return nil }
        let named = "{\(stream)}"
        return SplitKeys(stream: stream, suggestion: sharesSlot(named) ? named : nil)
    }

    private func sharesSlot(_ stream: String) -> Bool {
        Set(allKeys(of: stream, consumer: "consumer").map(ClusterSlot.init(of:))).count == 1
    }

    /// Every key that is kept for a stream and one consumer.
    func allKeys(of stream: String, consumer: String) -> [RedisKey] {
        let locks = [lock(.delayer(of: stream)), trimmerLock(stream)]
        let own = [self.stream(stream), delayStream(stream), delay(stream), trimMark(stream), consumers(of: stream)]
        let name = ConsumerName(stream: stream, name: consumer)
        let consumers = [name, .delayer(of: stream)].flatMap { name in
            [offset(name), attempts(name), replays(name), deadLetters(name), lock(name).key, lock(name).notifyKey]
        }
        return own + locks.flatMap { [$0.key, $0.notifyKey] } + consumers
    }
}
