/// A conversation with a server, or with the nodes of a cluster, for one owner.
///
/// It opens connections, sends pipelines, receives replies, follows redirections, and forgets a connection that failed.
/// Synchronous, and used by one thread at a time; only ``interrupter`` may be used by others.
final class RedisSession {
    typealias Host = RedisConfiguration.Host

    /// Ends everything that the session waits for, from any thread.
    let interrupter = Interrupter()
    /// The node of a cluster that commands go to; nil without a cluster.
    private(set) var node: Host?
    /// The server that commands go to.
    private(set) var address: String
    /// The number of replies to commands that were sent and not yet asked for.
    private(set) var pendingReplies = 0
    let cluster: ClusterTopology?
    private let configuration: RedisConfiguration
    private let name: String
    /// Open connections, by the node of a cluster.
    private var contexts: [Host?: HiredisContext] = [:]
    private var transaction = TransactionTracker()

    /// Creates a session without a connection.
    ///
    /// - Parameters:
    ///   - configuration: The server.
    ///   - cluster: The cluster's topology; nil without a cluster.
    ///   - name: The name that CLIENT LIST shows.
    init(_ configuration: RedisConfiguration, cluster: ClusterTopology?, name: String) {
        self.configuration = configuration
        self.cluster = cluster
        self.name = name
        address = configuration.address.description
    }

    /// True if there is a connection to the server that commands go to.
    var isOpen: Bool { contexts[node] != nil }

    /// True if the server has closed the connection while nothing was asked of it.
    ///
    /// Nothing is ever sent unasked, so that anything to read is the end.
    var isStale: Bool { pendingReplies == 0 && contexts[node]?.hasInput == true }

    /// Goes to the server of a target: over the connection that is open, or over a new one.
    ///
    /// If a node cannot be reached, it goes to its successor, if there is one by now.
    ///
    /// - Parameters:
    ///   - target: The node of a cluster.
    ///   - replacesStale: True if a connection that the server has closed is replaced.
    ///   - deadline: The end of opening a connection.
    /// - Throws: ``RedisError``.
    func go(to target: ClusterTarget, replacesStale: Bool = true, by deadline: Deadline) throws(RedisError) {
        guard let cluster else { return try go(to: nil, replacesStale: replacesStale, by: deadline) }
        let host = try stoppable { () throws(RedisError) in
            try cluster.host(for: target, by: deadline, interrupter: interrupter)
        }
        do throws(RedisError) {
            try go(to: host, replacesStale: replacesStale, by: deadline)
        } catch {
            guard error.isServerUnreachable else { throw error }
            cluster.invalidate()
            guard !deadline.hasPassed,
                let other = try? cluster.host(for: target, by: deadline, interrupter: interrupter), other != host
            else { throw error }
            try go(to: other, replacesStale: replacesStale, by: deadline)
        }
    }

    /// Sends a pipeline and waits for all of its replies, those of other nodes included.
    ///
    /// - Throws: ``RedisError``; the connection is closed then.
    func execute(_ pipeline: RedisPipeline, by deadline: Deadline) throws(RedisError) -> RedisReplies {
        let context = try openContext()
        precondition(pendingReplies == 0, "replies of an earlier send were not received")
        return try orClosing { () throws(RedisError) in
            guard let cluster, let node else { return try leaving(context.exchange(pipeline, by: deadline)) }
            let commands = PipelineCommands(pipeline)
            let policy = transaction.willSend(commands)
            let replies = try context.exchange(pipeline, by: deadline)
            guard let first = replies.lazy.compactMap({ Redirection($0, from: node) }).first else {
                return leaving(replies)
            }
            guard policy.allows(first.kind) else {
                cluster.note(first)
                throw RedisError(
                    .slotMoved, address: address, cause: .slotMoved(.transactionElsewhere(first.host.description)))
            }
            return leaving(try follow(commands, replies, from: node, on: cluster, by: deadline))
        }
    }

    /// Sends a pipeline; its replies are fetched later by ``receive(_:by:)``.
    func send(_ pipeline: RedisPipeline, by deadline: Deadline) throws(RedisError) {
        let context = try openContext()
        try orClosing { () throws(RedisError) in
            if cluster != nil { _ = transaction.willSend(PipelineCommands(pipeline)) }
            try context.write(pipeline.bytes, deadline: deadline)
            pendingReplies += pipeline.count
        }
    }

    /// Waits for the next replies to commands that were sent.
    func receive(_ count: Int, by deadline: Deadline) throws(RedisError) -> RedisReplies {
        guard isOpen else { throw closed }
        precondition(count <= pendingReplies, "no more than \(pendingReplies) replies are expected")
        let replies = try read(count, by: deadline)
        pendingReplies = max(pendingReplies - count, 0)
        if let cluster, let node {
            for reply in replies { Redirection(reply, from: node).map(cluster.note) }
        }
        return leaving(replies)
    }

    /// Waits for a message that the server sends without being asked again: after SUBSCRIBE or MONITOR.
    func receivePushed(by deadline: Deadline) throws(RedisError) -> RedisReply {
        pendingReplies = max(pendingReplies - 1, 0)
        return try read(1, by: deadline)[0]
    }

    /// Closes the connection to the server that commands go to.
    func close() {
        contexts[node] = nil
        pendingReplies = 0
        transaction = TransactionTracker()
    }

    private func read(_ count: Int, by deadline: Deadline) throws(RedisError) -> RedisReplies {
        try orClosing { () throws(RedisError) in
            guard let context = contexts[node] else { throw closed }
            return try context.read(replies: count, deadline: deadline)
        }
    }

    /// The connection for the next commands.
    private func openContext() throws(RedisError) -> HiredisContext {
        guard let context = contexts[node] else { throw closed }
        guard isStale else { return context }
        close()
        throw RedisError(.connectionLost, address: address, cause: .closedWhileIdle)
    }

    private var closed: RedisError { RedisError(.connectionLost, address: address, cause: .closed) }

    private func orClosing<Value>(_ body: () throws(RedisError) -> Value) throws(RedisError) -> Value {
        do {
            return try body()
        } catch {
            if error.isServerUnreachable { cluster?.invalidate() }
            // Closing at once frees the socket on the server, which may hold a blocked command for it.
            close()
            throw error
        }
    }

    /// Notes replies by which a server says that it is not the right one, and leaves a primary that has become a replica:
    /// the next connection goes to its successor.
    private func leaving(_ replies: RedisReplies) -> RedisReplies {
        guard cluster != nil || configuration.isFollowingPrimary else { return replies }
        for reply in replies where reply.kind == .error {
            guard let meaning = reply.error?.serverCode?.meaning else { continue }
            if meaning.invalidatesSlots { cluster?.invalidate() }
            if meaning.isReplica { close() }
        }
        return replies
    }
}

// Opening connections.
extension RedisSession {
    private func go(to host: Host?, replacesStale: Bool, by deadline: Deadline) throws(RedisError) {
        let context = try stoppable { () throws(RedisError) -> HiredisContext in
            try self.context(to: host, replacesStale: replacesStale, by: deadline)
        }
        if host != node { transaction = TransactionTracker() }
        node = host
        address = context.address
    }

    /// The connection to a node, opened if there is none.
    private func context(
        to host: Host?, replacesStale: Bool = true, by deadline: Deadline
    ) throws(RedisError) -> HiredisContext {
        if let open = contexts[host], !replacesStale || !open.hasInput { return open }
        contexts[host] = nil
        let time = min(configuration.connectTimeout, deadline.remaining)
        let context = try open(host, by: Deadline(in: time))
        if let cluster { contexts = contexts.filter { $0.key.map(cluster.knows) ?? true } }
        contexts[host] = context
        return context
    }

    /// Waits on the way to a server; a stop of the task ends that.
    ///
    /// Following a redirection is part of the work in hand, and goes on.
    private func stoppable<Value>(_ wait: () throws(RedisError) -> Value) throws(RedisError) -> Value {
        try StopSignal.interrupting(by: { [interrupter] in interrupter.interrupt() }, wait)
    }

    private func open(_ host: Host?, by deadline: Deadline) throws(RedisError) -> HiredisContext {
        let endpoint: Endpoint = if let host { .host(host) } else { try endpoint(by: deadline) }
        return try HiredisContext.open(endpoint, configuration, name: name, by: deadline, interrupter: interrupter)
    }

    /// The place of the one server, which sentinels may have to be asked for.
    private func endpoint(by deadline: Deadline) throws(RedisError) -> Endpoint {
        switch configuration.address {
        case .tcp(let name, let port): return .host(Host(name, port: port))
        case .unix(let path): return .socket(path: path)
        case .cluster:
            throw RedisError(.connectFailed, address: address, cause: .noNodeAnswers([]))
        case .sentinel(let service, let sentinels):
            let locator = SentinelLocator(
                configuration: configuration, service: service, sentinels: sentinels, deadline: deadline,
                interrupter: interrupter)
            return .host(try locator.primary())
        }
    }
}

// Following redirections.
extension RedisSession {
    /// The number of times that a command is sent on in vain before it is given up, some 6 s, unless its time is up before:
    /// nodes that disagree come to terms within moments.
    private static let detourLimit = 40

    /// Sends on the commands that a node has redirected, in order, until every command is answered by the node that serves
    /// its key.
    ///
    /// The first command goes alone: a node that is about to take the slot over could redirect it and take the next one.
    ///
    /// - Returns: All replies. The session goes to the node that a slot has moved to.
    /// - Throws: ``RedisError``; of kind `slotMoved` if no end was found, or if WAIT would be asked of a node that has not
    ///   taken all of the commands before it.
    private func follow(
        _ commands: PipelineCommands, _ replies: RedisReplies, from host: Host, on cluster: ClusterTopology,
        by deadline: Deadline
    ) throws(RedisError) -> RedisReplies {
        let waits = commands.contains("WAIT")
        if waits, !RedirectedCommands.areAllOfOneSlot(in: replies, to: commands, from: host) {
            replies.compactMap { Redirection($0, from: host) }.first.map(cluster.note)
            throw RedisError(.slotMoved, address: host.description, cause: .slotMoved(.replicasElsewhere))
        }
        var replies = replies
        for var redirected in try RedirectedCommands.all(in: replies, to: commands, from: host) {
            var detours = 0
            var count = 1
            cluster.note(redirected.target)
            while !redirected.places.isEmpty {
                let target = redirected.target
                // A new connection's WAIT says nothing about what was written over the old one.
                let answers = try exchange(
                    redirected.pipeline(of: commands, count: count), at: target.host,
                    replacesStale: count == 1 || !waits, by: deadline)
                if let next = try redirected.take(answers, to: commands, into: &replies) {
                    cluster.note(next)
                    try pause(after: &detours, at: target.host, by: deadline)
                    count = 1
                } else {
                    if target.kind == .moved { (node, address) = (target.host, target.host.description) }
                    count = redirected.places.count
                }
            }
        }
        return replies
    }

    private func exchange(
        _ pipeline: RedisPipeline, at host: Host, replacesStale: Bool, by deadline: Deadline
    ) throws(RedisError) -> RedisReplies {
        // The next connection's WAIT would say nothing about the entries that went over this one.
        if !replacesStale, contexts[host]?.hasInput != false {
            contexts[host] = nil
            throw RedisError(.connectionLost, address: host.description, cause: .slotMoved(.closedBeforeWait))
        }
        let context = try context(to: host, by: deadline)
        do throws(RedisError) {
            return try context.exchange(pipeline, by: deadline)
        } catch {
            contexts[host] = nil
            throw error
        }
    }

    /// Waits a moment, and longer each time, while the nodes settle between them who serves a slot.
    private func pause(after detours: inout Int, at host: Host, by deadline: Deadline) throws(RedisError) {
        detours += 1
        guard detours < Self.detourLimit, !deadline.hasPassed else {
            throw RedisError(.slotMoved, address: host.description, cause: .slotMoved(.nodesDisagree))
        }
        guard detours > 1 else { return }
        interrupter.sleep(for: .milliseconds(10 << min(detours, 4)))
    }
}
