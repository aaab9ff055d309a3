import RedstreamSystem
import Synchronization

/// One connection to a Redis server, on a thread of its own, for one caller at a time.
///
/// Cancelling a task that waits here shuts the socket down and wakes it at once. After a cancellation, a timeout
/// or a broken socket the connection ``isUsable`` no more, since replies could no longer be told apart.
///
/// In a cluster it follows its key: what a node refuses by MOVED or ASK, ``execute(_:blocking:)`` sends on, in order, to
/// the node that serves the key; after MOVED the connection goes to that one. It never does so between WATCH or MULTI and
/// the end of the transaction.
public actor RedisConnection {
    /// The server, as `host:port` or a socket path.
    public nonisolated var address: String { whereabouts.withLock { $0.address } }
    /// The node of a cluster that it goes to; nil where there is no cluster.
    nonisolated var node: RedisConfiguration.Host? { whereabouts.withLock { $0.node } }
    private nonisolated let whereabouts: Mutex<(address: String, node: RedisConfiguration.Host?)>
    private nonisolated let executor: ThreadExecutor
    private nonisolated let interrupter: SocketInterrupter
    /// The other nodes that commands were sent on to; nil where there is no cluster.
    private let nodes: NodeContexts?
    private var fence = Fence()
    private let commandTimeout: Duration
    /// Whether another connection may meet another server, so that one that cannot write is of no use.
    private let isFollowingPrimary: Bool
    private var context: HiredisContext?
    /// Replies to commands that were sent and not yet asked for.
    private var pendingReplies = 0

    /// The thread on which this connection blocks.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Whether commands can still be sent.
    public var isUsable: Bool { context != nil && !interrupter.wasInterrupted && pendingReplies == 0 }

    /// Whether an idle connection is still open at both ends: nothing is ever sent unasked, so that anything to
    /// read is its end.
    package func isFresh() -> Bool {
        isUsable && context?.hasInput == false
    }

    private init(
        context: sending HiredisContext, executor: ThreadExecutor, route: ServerRoute, name: String,
        node: RedisConfiguration.Host?
    ) {
        whereabouts = Mutex((context.address, node))
        interrupter = context.interrupter
        nodes = route.cluster.map {
            NodeContexts($0, route.configuration, name: name, interrupter: context.interrupter)
        }
        self.context = context
        self.executor = executor
        commandTimeout = route.configuration.commandTimeout
        isFollowingPrimary = route.configuration.isFollowingPrimary
    }

    /// Opens a connection, authenticates, chooses the database and checks the server's version.
    ///
    /// All of it together takes no longer than the configuration's `connectTimeout`, sentinels and TLS included; only
    /// the resolution of a host's name is outside of it.
    /// In a cluster it goes to any primary first, and then to where its first key is.
    ///
    /// - Parameters:
    ///   - configuration: The server and how long to wait for it.
    ///   - name: What CLIENT LIST shows; blanks become `_`.
    /// - Returns: The open connection.
    /// - Throws: ``RedisError``: `connectFailed`, `timedOut`, `unsupportedServer` for a server older than 6.2, or
    ///   the server's own error (`WRONGPASS`, `NOAUTH`, `LOADING`, …); `CancellationError`.
    public static func connect(
        to configuration: RedisConfiguration, name: String = "redstream"
    ) async throws -> RedisConnection {
        let route = ServerRoute(
            configuration: configuration, cluster: ClusterTopology(configuration), target: .any)
        return try await connect(along: route, name: name)
    }

    /// Opens a connection to where a route leads.
    static func connect(along route: ServerRoute, name: String) async throws -> RedisConnection {
        let (budget, began) = (ConnectBudget.current, ContinuousClock.now)
        let configured = route.configuration.connectTimeout
        let deadline = Deadline(in: budget?.timeout(atMost: configured) ?? configured)
        do {
            let executor = try startExecutor(for: route)
            let connection = try await Connector(executor: executor).connect(route, name: name, by: deadline)
            try await connection.perform(Handshake(configuration: route.configuration, name: name), by: deadline)
            budget?.noteConnecting(since: began, wasInVain: false)
            return connection
        } catch {
            try Task.checkCancellation()
            if let error = error as? RedisError, error.isServerUnreachable {
                budget?.noteConnecting(since: began, wasInVain: true)
                route.cluster?.distrust()
            }
            throw error
        }
    }

    private static func startExecutor(for route: ServerRoute) throws(RedisError) -> ThreadExecutor {
        do throws(SystemError) {
            return try ThreadExecutor()
        } catch {
            throw RedisError(error, connectingTo: route.configuration.address)
        }
    }

    /// Connects on the connection's own thread, where a slow server holds up nobody.
    private actor Connector {
        let executor: ThreadExecutor
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        init(executor: ThreadExecutor) {
            self.executor = executor
        }

        func connect(_ route: ServerRoute, name: String, by deadline: Deadline) throws -> RedisConnection {
            let (context, node) = try route.open(by: deadline) { configuration, node throws(RedisError) in
                var configuration = configuration
                configuration.connectTimeout = deadline.remaining
                return (try HiredisContext(configuration), node)
            }
            return RedisConnection(context: context, executor: executor, route: route, name: name, node: node)
        }
    }

    /// Says what is said first.
    ///
    /// A server that accepts and then says nothing does not hold up whoever gives up on it.
    private func perform(_ handshake: Handshake, by deadline: Deadline) async throws {
        try await interruptible { try handshake.perform(on: $0, by: deadline) }
    }

    /// Sends a pipeline and waits for all of its replies.
    ///
    /// - Parameters:
    ///   - pipeline: One command or many.
    ///   - blocking: How long the server itself may hold back a reply (BLOCK); it is added to the command timeout.
    /// - Returns: A reply for each command. An error that the server answered is a reply, not a thrown error.
    /// - Throws: ``RedisError`` when the connection breaks, `CancellationError` when the task is cancelled: it is unknown
    ///   then which of the commands were carried out. In a cluster, ``RedisError/Kind/slotMoved`` where the key has gone to
    ///   another node and the pipeline cannot follow it. A transaction, of which nothing was carried out, has to be begun
    ///   again, with its WATCH. Other commands, whose order would be lost, whose WAIT would speak for two nodes, or whose nodes do not agree
    ///   on who serves the key, may be carried out in part: send them again where it does no harm that some come twice. The
    ///   connection is of no use then; another one of the pool finds the node.
    public func execute(_ pipeline: RedisPipeline, blocking: Duration = .zero) async throws -> RedisReplies {
        try await interruptible { context in
            precondition(pendingReplies == 0, "replies of an earlier send were not received")
            let deadline = Deadline(in: commandTimeout + blocking, idle: commandTimeout)
            guard let nodes else {
                try context.write(pipeline.bytes, deadline: deadline)
                return try leaving(context.read(replies: pipeline.count, deadline: deadline))
            }
            let commands = PipelineCommands(pipeline)
            let passage = fence.passes(commands)
            try context.write(pipeline.bytes, deadline: deadline)
            let replies = try context.read(replies: pipeline.count, deadline: deadline)
            return try leaving(followed(replies, to: commands, through: passage, on: nodes, blocking: blocking))
        }
    }

    /// Sends a pipeline without waiting; its replies are fetched later by ``receive(_:blocking:)``.
    public func send(_ pipeline: RedisPipeline) async throws {
        try await interruptible { context in
            if nodes != nil { _ = fence.passes(PipelineCommands(pipeline)) }
            try context.write(pipeline.bytes, deadline: Deadline(in: commandTimeout, idle: commandTimeout))
            pendingReplies += pipeline.count
        }
    }

    /// Waits for the next replies to what was sent.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - blocking: How long the server itself may hold them back.
    /// - Returns: So many replies, in order.
    /// - Throws: As ``execute(_:blocking:)``.
    public func receive(_ count: Int, blocking: Duration = .zero) async throws -> RedisReplies {
        try await interruptible { context in
            precondition(count <= pendingReplies, "no more than \(pendingReplies) replies are expected")
            let replies = try context.read(
                replies: count, deadline: Deadline(in: commandTimeout + blocking, idle: commandTimeout))
            pendingReplies -= count
            if let nodes, let node {
                for reply in replies { Redirection(reply, from: node).map(nodes.cluster.note) }
            }
            return leaving(replies)
        }
    }

    /// Waits, for as long as it takes, for what a server sends without being asked again: after SUBSCRIBE or MONITOR.
    package func receivePushed() async throws -> RedisReply {
        try await interruptible { context in
            pendingReplies = max(pendingReplies - 1, 0)
            return try context.read(replies: 1, deadline: Deadline(in: .seconds(Int64(Int32.max))))[0]
        }
    }

    /// Closes the connection; what waits on it is woken.
    public nonisolated func close() {
        interrupter.interrupt()
    }

    /// Leaves a server that was a primary and is none any more; the next connection meets its successor.
    private func leaving(_ replies: RedisReplies) -> RedisReplies {
        guard isFollowingPrimary || nodes != nil,
            let meaning = replies.firstError?.error(from: address)?.serverCode?.meaning
        else { return replies }
        if meaning.invalidatesSlots { nodes?.cluster.distrust() }
        if meaning.isReplica { context = nil }
        return replies
    }

    /// Sends on to other nodes of the cluster what this one has refused, and goes there if the key has.
    private func followed(
        _ replies: RedisReplies, to commands: PipelineCommands, through passage: Fence.Passage,
        on nodes: NodeContexts, blocking: Duration
    ) throws(RedisError) -> RedisReplies {
        guard let node, let first = replies.lazy.compactMap({ Redirection($0, from: node) }).first else {
            return replies
        }
        guard passage.allows(first.kind) else {
            nodes.cluster.note(first)
            throw RedisError(
                .slotMoved, address: address, cause: .slotMoved(.transactionElsewhere(first.host.description)))
        }
        let deadline = Deadline(in: commandTimeout + blocking, idle: commandTimeout)
        let (answers, moved) = try nodes.follow(commands, replies, from: node, deadline: deadline)
        if let moved, let context = nodes.take(moved) {
            self.context = context
            whereabouts.withLock { $0 = (context.address, moved) }
        }
        return answers
    }

    private func interruptible<Value: Sendable>(
        _ body: (HiredisContext) throws -> Value
    ) async throws -> Value {
        try await withTaskCancellationHandler {
            guard let context, !interrupter.wasInterrupted else {
                try Task.checkCancellation()
                throw RedisError(.connectionLost, address: address, cause: .closed)
            }
            do {
                return try body(context)
            } catch {
                if let error = error as? RedisError, error.isServerUnreachable { nodes?.cluster.distrust() }
                // Closing at once frees the socket on the server, which may hold a blocked command for it.
                self.context = nil
                // The cancellation has shut the socket down: what it looks like from here is no error of the server.
                try Task.checkCancellation()
                throw error
            }
        } onCancel: {
            interrupter.interrupt()
        }
    }
}

extension RedisConnection {
    /// Runs one command.
    ///
    /// - Throws: ``RedisError``, also for an error that the server answered.
    @discardableResult
    public func call(_ name: String, _ arguments: any RedisArgument...) async throws -> RedisReply {
        try await call(name, arguments)
    }

    /// Runs one command given as a list.
    @discardableResult
    public func call(_ name: String, _ arguments: [any RedisArgument]) async throws -> RedisReply {
        var pipeline = RedisPipeline()
        pipeline.append([name] + arguments)
        return try await executeChecked(pipeline)[0]
    }

    /// Sends a pipeline and waits for its replies, of which none may be an error.
    ///
    /// - Throws: ``RedisError``: the first error among the replies. The commands around it were carried out.
    public func executeChecked(
        _ pipeline: RedisPipeline, blocking: Duration = .zero
    ) async throws -> RedisReplies {
        let replies = try await execute(pipeline, blocking: blocking)
        if let error = replies.firstError?.error(from: address) { throw error }
        return replies
    }
}
