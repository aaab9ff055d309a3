import RedstreamSystem

/// Connections to the nodes of a cluster, by node, for one caller; and following from one to the other.
///
/// Synchronous, and used by one thread at a time.
final class NodeContexts {
    typealias Host = RedisConfiguration.Host

    /// How often a command is sent on in vain before it is given up, some 6 s long, unless its time is up before: nodes
    /// that disagree come to terms within moments.
    private static let detourLimit = 40

    let cluster: ClusterTopology
    private let configuration: RedisConfiguration
    private let name: String
    private let interrupter: SocketInterrupter
    private var contexts: [Host: HiredisContext] = [:]

    init(
        _ cluster: ClusterTopology, _ configuration: RedisConfiguration, name: String,
        interrupter: SocketInterrupter = SocketInterrupter()
    ) {
        self.cluster = cluster
        self.configuration = configuration
        self.name = name
        self.interrupter = interrupter
    }

    /// Hands out the connection to a node, for another owner.
    func take(_ host: Host) -> HiredisContext? { contexts.removeValue(forKey: host) }

    /// Sends a pipeline to a node and waits for its replies.
    ///
    /// A connection that fails is closed.
    ///
    /// - Parameters:
    ///   - pipeline: What to send.
    ///   - host: The node.
    ///   - reopens: Whether a connection that was closed meanwhile may be opened anew. To a new one WAIT says nothing of
    ///     what was written over the other.
    ///   - deadline: Until when.
    /// - Returns: The replies.
    /// - Throws: ``RedisError``.
    func exchange(
        _ pipeline: RedisPipeline, at host: Host, reopens: Bool = true, deadline: Deadline
    ) throws(RedisError) -> RedisReplies {
        do throws(RedisError) {
            guard reopens || contexts[host]?.hasInput == false else {
                throw RedisError(.connectionLost, address: host.description, cause: .slotMoved(.closedBeforeWait))
            }
            let context = try context(to: host, deadline: deadline)
            try context.write(pipeline.bytes, deadline: deadline)
            return try context.read(replies: pipeline.count, deadline: deadline)
        } catch {
            contexts[host] = nil
            if error.isServerUnreachable { cluster.distrust() }
            throw error
        }
    }

    /// Sends on what a node has refused, in order, until every command is answered by the node that serves its key.
    ///
    /// The first command goes alone. A node that is about to take the slot over could refuse it and take what stands
    /// behind it, otherwise.
    ///
    /// - Parameters:
    ///   - commands: What was sent.
    ///   - replies: What was answered.
    ///   - host: Who has answered.
    ///   - deadline: Until when.
    /// - Returns: The replies, and where the slot is now if it has moved for good.
    /// - Throws: ``RedisError``; of kind `slotMoved` where no end was found, or where WAIT would be asked of a node that has
    ///   not taken all of what it is to speak for.
    func follow(
        _ commands: PipelineCommands, _ replies: RedisReplies, from host: Host, deadline: Deadline
    ) throws(RedisError) -> (replies: RedisReplies, moved: Host?) {
        let waits = commands.contains("WAIT")
        if waits, !RefusedCommands.areAllOfOneSlot(in: replies, to: commands, from: host) {
            replies.compactMap { Redirection($0, from: host) }.first.map(cluster.note)
            throw RedisError(.slotMoved, address: host.description, cause: .slotMoved(.replicasElsewhere))
        }
        var replies = replies
        var moved: Host?
        for var refused in try RefusedCommands.all(in: replies, to: commands, from: host) {
            var detours = 0
            var count = 1
            cluster.note(refused.target)
            while !refused.places.isEmpty {
                let target = refused.target
                let answers = try exchange(
                    refused.pipeline(of: commands, count: count), at: target.host, reopens: count == 1 || !waits,
                    deadline: deadline)
                if let next = try refused.take(answers, to: commands, into: &replies) {
                    cluster.note(next)
                    try pause(after: &detours, at: target.host, by: deadline)
                    count = 1
                } else {
                    if target.kind == .moved { moved = target.host }
                    count = refused.places.count
                }
            }
        }
        return (replies, moved)
    }

    /// Waits a moment, and longer each time: what one node says and the next denies is being settled between them.
    private func pause(after detours: inout Int, at host: Host, by deadline: Deadline) throws(RedisError) {
        detours += 1
        guard detours < Self.detourLimit, !deadline.hasPassed else {
            throw RedisError(.slotMoved, address: host.description, cause: .slotMoved(.nodesDisagree))
        }
        if detours > 1 { usleep(UInt32(10_000 << min(detours, 4))) }
    }

    private func context(to host: Host, deadline: Deadline) throws(RedisError) -> HiredisContext {
        if let open = contexts[host], !open.hasInput { return open }
        var configuration = ServerRoute.configuration(configuration, at: host)
        configuration.connectTimeout = min(configuration.connectTimeout, deadline.remaining)
        let opening = Deadline(in: configuration.connectTimeout)
        let context = try HiredisContext(configuration, interrupter: interrupter)
        try Handshake(configuration: configuration, name: name).perform(on: context, by: opening)
        contexts = contexts.filter { cluster.knows($0.key) }
        contexts[host] = context
        return context
    }
}
