/// A connection for code that cannot suspend: it blocks its caller, up to a deadline.
///
/// It is used by one thread, or confined to one queue; hence it is not `Sendable`. A failed call closes it, and
/// the next one opens it anew. In a cluster it is one connection for each node that its keys lead to.
public final class BlockingRedisConnection {
    /// One of the servers that have a part of the keys; the server itself where there is no cluster.
    package struct Primary: Sendable, Hashable {
        let target: ServerRoute.Target
    }

    private let configuration: RedisConfiguration
    private let name: String
    /// The server, as `host:port` or a socket path.
    public var address: String { configuration.address.description }
    private var context: HiredisContext?
    /// The nodes of a cluster; nil where there is none.
    private let nodes: NodeContexts?

    /// Creates a connection that is opened by its first use.
    public convenience init(_ configuration: RedisConfiguration, name: String) {
        self.init(configuration, cluster: ClusterTopology(configuration), name: name)
    }

    /// Creates a connection that knows of a cluster what a pool does.
    ///
    /// - Parameters:
    ///   - pool: Whose server to connect to.
    ///   - configuration: The same server with timeouts of its own; nil for those of the pool.
    ///   - name: What CLIENT LIST shows.
    package convenience init(_ pool: RedisPool, _ configuration: RedisConfiguration? = nil, name: String) {
        self.init(configuration ?? pool.configuration, cluster: pool.cluster, name: name)
    }

    private init(_ configuration: RedisConfiguration, cluster: ClusterTopology?, name: String) {
        self.configuration = configuration
        self.name = name
        nodes = cluster.map { NodeContexts($0, configuration, name: name) }
    }

    /// Sends a pipeline and blocks until all replies have come.
    ///
    /// In a cluster, what a node refuses by MOVED or ASK is sent on, in order; no transaction is begun here.
    ///
    /// - Parameters:
    ///   - pipeline: One command or many.
    ///   - key: The key that they are about, or another of its slot, by which a cluster's node is found; nil where they are
    ///     about none.
    ///   - timeout: How long to wait at most, opening a connection included where that is needed. Only the resolution of
    ///     a host's name is outside of it: the system's resolver knows no deadline.
    /// - Returns: A reply for each command; an error that the server answered is a reply.
    /// - Throws: ``RedisError`` when no connection could be opened, or it broke. In a cluster,
    ///   ``RedisError/Kind/slotMoved`` where commands would come out of order, where a WAIT would speak for two nodes, or where
    ///   the nodes do not agree on who serves the key: a part may be carried out. Where it does no harm that some come twice,
    ///   call again with the same commands: the node is looked for anew.
    public func execute(
        _ pipeline: RedisPipeline, for key: RedisKey?, timeout: Duration
    ) throws(RedisError) -> RedisReplies {
        try execute(pipeline, for: ServerRoute.Target(key: key), deadline: Deadline(in: timeout))
    }

    /// Sends a pipeline about a key whose name is text; see ``execute(_:for:timeout:)``.
    public func execute(
        _ pipeline: RedisPipeline, for key: String, timeout: Duration
    ) throws(RedisError) -> RedisReplies {
        try execute(pipeline, for: RedisKey(key), timeout: timeout)
    }

    /// The servers that have the keys, each a part: those of a cluster are asked for now.
    package func primaries(within timeout: Duration) throws(RedisError) -> [Primary] {
        guard let nodes else { return [Primary(target: .any)] }
        return try nodes.cluster.primaries(by: Deadline(in: timeout)).map { Primary(target: .node($0)) }
    }

    /// Sends a pipeline to one of the servers that have the keys.
    ///
    /// - Throws: As ``execute(_:for:timeout:)``.
    package func execute(
        _ pipeline: RedisPipeline, at primary: Primary, timeout: Duration
    ) throws(RedisError) -> RedisReplies {
        try execute(pipeline, for: primary.target, deadline: Deadline(in: timeout))
    }

    private func execute(
        _ pipeline: RedisPipeline, for target: ServerRoute.Target, deadline: Deadline
    ) throws(RedisError) -> RedisReplies {
        guard let nodes else { return try execute(pipeline, deadline: deadline) }
        let host = try nodes.cluster.host(for: target, by: deadline)
        let replies = try nodes.exchange(pipeline, at: host, deadline: deadline)
        if replies.firstError?.error(from: address)?.serverCode?.meaning.invalidatesSlots == true {
            nodes.cluster.distrust()
        }
        guard replies.contains(where: \.isRedirection) else { return replies }
        return try nodes.follow(PipelineCommands(pipeline), replies, from: host, deadline: deadline).replies
    }

    private func execute(_ pipeline: RedisPipeline, deadline: Deadline) throws(RedisError) -> RedisReplies {
        let context: HiredisContext
        if let open = self.context { context = open } else { context = try open(deadline: deadline) }
        self.context = nil
        try context.write(pipeline.bytes, deadline: deadline)
        let replies = try context.read(replies: pipeline.count, deadline: deadline)
        // A primary that has become a replica is left for its successor.
        let isDemoted = configuration.isFollowingPrimary && replies.firstError?.error(from: address)?.isReplica == true
        self.context = isDemoted ? nil : context
        return replies
    }

    private func open(deadline: Deadline) throws(RedisError) -> HiredisContext {
        var hurried = configuration
        hurried.connectTimeout = min(configuration.connectTimeout, deadline.remaining)
        let opening = Deadline(in: hurried.connectTimeout)
        let context = try HiredisContext(hurried)
        try Handshake(configuration: configuration, name: name).perform(on: context, by: opening)
        return context
    }
}
