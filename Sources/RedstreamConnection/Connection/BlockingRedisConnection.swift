/// A connection for code that cannot suspend: it blocks its caller, up to a deadline.
///
/// It is used by one thread, or confined to one queue; hence it is not `Sendable`. It is opened by its first use, and again
/// after a failed call, or if the server has closed it meanwhile. In a cluster it is one connection for each node that its
/// keys lead to.
public final class BlockingRedisConnection {
    /// One of the servers that have a part of the keys; the server itself without a cluster.
    package struct Primary: Sendable, Hashable {
        let target: ClusterTarget
    }

    /// The server, as `host:port` or a socket path.
    public let address: String
    private let session: RedisSession

    /// Creates a connection that is opened by its first use.
    public convenience init(_ configuration: RedisConfiguration, name: String) {
        self.init(configuration, cluster: ClusterTopology(configuration), name: name)
    }

    init(_ configuration: RedisConfiguration, cluster: ClusterTopology?, name: String) {
        address = configuration.address.description
        session = RedisSession(configuration, cluster: cluster, name: name)
    }

    /// Sends a pipeline and blocks until all replies have come.
    ///
    /// In a cluster, commands that a node redirects by MOVED or ASK are sent on, in order; no transaction is begun here.
    ///
    /// - Parameters:
    ///   - pipeline: One command or many.
    ///   - key: The key that they are about, or another of its slot, by which a cluster's node is found; nil for none.
    ///   - timeout: The longest wait, including the opening of a connection if one is needed.
    /// - Returns: A reply for each command; an error that the server answered is a reply.
    /// - Throws: ``RedisError`` when no connection could be opened, or it broke. In a cluster,
    ///   ``RedisError/Kind/slotMoved`` if commands would come out of order, if a WAIT would speak for two nodes, or if
    ///   the nodes do not agree on who serves the key: a part may be carried out. If it does no harm that some come twice,
    ///   call again with the same commands: the node is looked for again.
    public func execute(
        _ pipeline: RedisPipeline, for key: RedisKey?, timeout: Duration
    ) throws(RedisError) -> RedisReplies {
        try execute(pipeline, for: ClusterTarget(key: key), timeout: timeout)
    }

    /// Sends a pipeline about a key whose name is text; see ``execute(_:for:timeout:)``.
    public func execute(
        _ pipeline: RedisPipeline, for key: String, timeout: Duration
    ) throws(RedisError) -> RedisReplies {
        try execute(pipeline, for: RedisKey(key), timeout: timeout)
    }

    /// Returns the servers that have the keys, each a part: those of a cluster are asked for now.
    package func primaries(within timeout: Duration) throws(RedisError) -> [Primary] {
        guard let cluster = session.cluster else { return [Primary(target: .any)] }
        let nodes = try cluster.primaries(by: Deadline(in: timeout), interrupter: session.interrupter)
        return nodes.map { Primary(target: .node($0)) }
    }

    /// Sends a pipeline to one of the servers that have the keys.
    ///
    /// - Throws: As ``execute(_:for:timeout:)``.
    package func execute(
        _ pipeline: RedisPipeline, at primary: Primary, timeout: Duration
    ) throws(RedisError) -> RedisReplies {
        try execute(pipeline, for: primary.target, timeout: timeout)
    }

    private func execute(
        _ pipeline: RedisPipeline, for target: ClusterTarget, timeout: Duration
    ) throws(RedisError) -> RedisReplies {
        let deadline = Deadline(in: timeout)
        // A new connection's WAIT says nothing about what was written over the old one.
        try session.go(to: target, replacesStale: !pipeline.beginsWithWait, by: deadline)
        return try session.execute(pipeline, by: deadline)
    }
}

extension RedisPipeline {
    /// True if the first command is a WAIT, which is about commands that were sent before.
    fileprivate var beginsWithWait: Bool {
        guard let start = bytes.firstIndex(of: 10) else { return false }
        return bytes[(start + 1)...].prefix(8).elementsEqual("$4\r\nWAIT".utf8) { $0 == $1 || $0 == $1 | 0x20 }
    }
}
