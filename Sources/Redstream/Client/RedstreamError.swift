public import RedstreamConnection

/// Says what Redstream itself could not do, apart from what the server said (`RedisError`).
public enum RedstreamError: Error, Sendable, Equatable {
    /// The lock is held by another process; its holder's value, `<random hex>@<host>:<pid>` for ours.
    case lockHeld(by: String)
    /// The lock was lost while it was needed: its lease ran out, or its key was removed. Nothing was changed.
    case leaseLost
    /// The target stream cannot take entries: it is of another type, or has used up its ids. Nothing was removed
    /// from the delay stream.
    case unsoundTarget(stream: String, reason: String)
    /// WAIT answered with fewer replicas than asked for. The entries are written on the primary.
    case tooFewReplicas(written: Int, acknowledged: Int, wanted: Int)
    /// The server's reply has not the shape that its documentation promises.
    case unexpectedReply(to: String)
    /// The offset was moved by somebody else since it was looked at; it is left alone.
    case offsetChanged(ConsumerName)
    /// The stream has not, at the server that answers now, the entries that the consumer has read: a failover is under
    /// way, or some were deleted meanwhile. Nothing was committed; to read again from the offset brings what is there.
    case entriesDiffer(ConsumerName)
    /// The stored offset of the consumer is no entry id.
    case unreadableOffset(ConsumerName)
    /// There is no stream of that name.
    case unknownStream(String)
    /// The lock of one of several consumers or delayers is held by another process: who that one is, and the holder's
    /// value.
    case memberHeld(String, by: String)
    /// In a cluster, the stream's keys would lie on several nodes, where no atomic step can touch them all.
    case splitKeys(SplitKeys)
    /// The server is one of several nodes of a cluster, and was named as a server of its own: it has a part of the streams.
    case partOfCluster(address: String)
    /// No offset is stored for the consumer.
    case unknownConsumer(ConsumerName)
    /// A consumer's handler failed for one message alone, as often as the failure policy allows; it is not committed.
    case gaveUp(ConsumerName, message: StreamID, attempts: Int, reason: String)
}

extension RedstreamError: CustomStringConvertible {
    /// One clause in words.
    public var description: String {
        switch self {
        case .lockHeld(let holder): "the lock is held by \(holder)"
        case .leaseLost: "the lock was lost"
        case .unsoundTarget(let stream, let reason): "stream \(stream) takes no entries: \(reason)"
        case .tooFewReplicas(let written, let acknowledged, let wanted):
            "\(written.counted("message is", "messages are")) written, but \(acknowledged.grouped) of \(wanted.grouped) replicas acknowledged \(written == 1 ? "it" : "them")"
        case .unexpectedReply(let command): "the server's reply to \(command) makes no sense"
        case .offsetChanged(let consumer): "the offset of \(consumer.name) of \(consumer.stream) was moved meanwhile"
        case .entriesDiffer(let consumer):
            "stream \(consumer.stream) has other entries than \(consumer.name) has read: a failover is under way, or some were deleted meanwhile"
        case .unreadableOffset(let consumer): "the offset of \(consumer.name) of \(consumer.stream) is no entry id"
        case .unknownStream(let stream): "there is no stream \(stream)"
        case .memberHeld(let member, let holder): "\(member) is held by \(holder)"
        case .partOfCluster(let address): "\(address) is one node of a cluster, and has only a part of the streams"
        case .unknownConsumer(let consumer): "stream \(consumer.stream) has no consumer \(consumer.name)"
        case .splitKeys(let split):
            "the keys of stream \(split.stream) would lie on several nodes of the cluster"
                + (split.suggestion.map { ": name it \($0)" } ?? "")
        case .gaveUp(_, let id, let attempts, let reason):
            "message \(id) failed on its own after \(attempts.counted("attempt", "attempts")): \(reason)"
        }
    }
}

extension RedstreamError {
    /// The advice for this error: `retry` where the same call may succeed later, by itself.
    ///
    /// What another process holds may be given back, and what was read is read anew. Where too few replicas answered it
    /// is `fail`: the entries are written, and another try would write them twice.
    public var retryAdvice: RetryAdvice {
        switch self {
        case .lockHeld, .memberHeld, .leaseLost, .offsetChanged, .entriesDiffer: .retry
        case .unsoundTarget, .tooFewReplicas, .unexpectedReply, .unreadableOffset, .unknownStream, .splitKeys,
            .unknownConsumer, .partOfCluster, .gaveUp:
            .fail
        }
    }
}
