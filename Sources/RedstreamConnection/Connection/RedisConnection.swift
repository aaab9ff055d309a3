import RedstreamSystem
import Synchronization

/// One connection to a Redis server, on a thread of its own, for one caller at a time.
///
/// Cancelling a task that waits here shuts the socket down and wakes it at once, also while the connection is opened. After
/// a cancellation, a timeout or a broken socket the connection ``isUsable`` no more, since replies could no longer be told
/// apart.
///
/// In a cluster it follows its key: commands that a node redirects by MOVED or ASK, ``execute(_:blocking:)`` sends on, in
/// order, to the node that serves the key; after MOVED the connection goes to that one. It never does so between WATCH or
/// MULTI and the end of the transaction.
public actor RedisConnection {
    /// The server, as `host:port` or a socket path.
    public nonisolated var address: String { place.withLock { $0.address } }
    /// The node of a cluster that it goes to; nil without a cluster.
    nonisolated var node: RedisConfiguration.Host? { place.withLock { $0.node } }
    private nonisolated let place: Mutex<(address: String, node: RedisConfiguration.Host?)>
    private nonisolated let executor: ThreadExecutor
    private nonisolated let interrupter: Interrupter
    private let session: RedisSession
    private let commandTimeout: Duration

    /// The thread on which this connection blocks.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// True if commands can still be sent.
    public var isUsable: Bool { session.isOpen && !interrupter.wasInterrupted && session.pendingReplies == 0 }

    /// Returns whether an idle connection is still open at both ends.
    package func isFresh() -> Bool { isUsable && !session.isStale }

    private init(_ configuration: RedisConfiguration, cluster: ClusterTopology?, name: String) throws(RedisError) {
        do throws(SystemError) {
            executor = try ThreadExecutor()
        } catch {
            throw RedisError(error, connectingTo: configuration.address.description)
        }
        session = RedisSession(configuration, cluster: cluster, name: name)
        interrupter = session.interrupter
        commandTimeout = configuration.commandTimeout
        place = Mutex((configuration.address.description, nil))
    }

    /// Opens a connection, authenticates, chooses the database and checks the server's version.
    ///
    /// All of it together takes no longer than the configuration's `connectTimeout`: name resolution, all addresses of a
    /// name, sentinels and TLS included.
    /// In a cluster it goes to any primary first, and then to the node of its first key.
    ///
    /// - Parameters:
    ///   - configuration: The server and how long to wait for it.
    ///   - name: The name that CLIENT LIST shows; blanks become `_`.
    /// - Returns: The open connection.
    /// - Throws: ``RedisError``: `connectFailed`, `timedOut`, `unsupportedServer` for a server older than 6.2, or
    ///   the server's own error (`WRONGPASS`, `NOAUTH`, `LOADING`, …); `CancellationError`.
    public static func connect(
        to configuration: RedisConfiguration, name: String = "redstream"
    ) async throws -> RedisConnection {
        try await connect(to: .any, of: configuration, cluster: ClusterTopology(configuration), name: name)
    }

    /// Opens a connection to a server, or to a node of a cluster.
    static func connect(
        to target: ClusterTarget, of configuration: RedisConfiguration, cluster: ClusterTopology?, name: String
    ) async throws -> RedisConnection {
        let (limit, began) = (ConnectTimeLimit.current, ContinuousClock.now)
        let time = limit?.timeout(atMost: configuration.connectTimeout) ?? configuration.connectTimeout
        do {
            let connection = try RedisConnection(configuration, cluster: cluster, name: name)
            try await connection.open(target, by: Deadline(in: time))
            limit?.noteConnecting(since: began, hasFailed: false)
            return connection
        } catch {
            try Task.checkCancellation()
            if let error = error as? RedisError, error.isServerUnreachable {
                limit?.noteConnecting(since: began, hasFailed: true)
                cluster?.invalidate()
            }
            throw error
        }
    }

    private func open(_ target: ClusterTarget, by deadline: Deadline) async throws {
        try await interruptible { session throws(RedisError) in try session.go(to: target, by: deadline) }
    }

    /// Sends a pipeline and waits for all of its replies.
    ///
    /// - Parameters:
    ///   - pipeline: One command or many.
    ///   - blocking: The time that the server itself may hold back a reply (BLOCK); it is added to the command timeout.
    /// - Returns: A reply for each command. An error that the server answered is a reply, not a thrown error.
    /// - Throws: ``RedisError`` when the connection breaks, `CancellationError` when the task is cancelled: it is unknown
    ///   then which of the commands were carried out. In a cluster, ``RedisError/Kind/slotMoved`` where the key has gone to
    ///   another node and the pipeline cannot follow it. A transaction, of which nothing was carried out, has to be begun
    ///   again, with its WATCH. Other commands, whose order would be lost, whose WAIT would speak for two nodes, or whose nodes do not agree
    ///   on who serves the key, may be carried out in part: send them again where it does no harm that some come twice. The
    ///   connection is of no use then; another one of the pool finds the node.
    public func execute(_ pipeline: RedisPipeline, blocking: Duration = .zero) async throws -> RedisReplies {
        try await interruptible { session throws(RedisError) in
            try session.execute(pipeline, by: deadline(blocking: blocking))
        }
    }

    /// Sends a pipeline without waiting; its replies are fetched later by ``receive(_:blocking:)``.
    public func send(_ pipeline: RedisPipeline) async throws {
        try await interruptible { session throws(RedisError) in
            try session.send(pipeline, by: deadline(blocking: .zero))
        }
    }

    /// Waits for the next replies to what was sent.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - blocking: The time that the server itself may hold them back.
    /// - Returns: So many replies, in order.
    /// - Throws: As ``execute(_:blocking:)``.
    public func receive(_ count: Int, blocking: Duration = .zero) async throws -> RedisReplies {
        try await interruptible { session throws(RedisError) in
            try session.receive(count, by: deadline(blocking: blocking))
        }
    }

    /// Waits without a limit for a message that the server sends without being asked again: after SUBSCRIBE or MONITOR.
    package func receivePushed() async throws -> RedisReply {
        try await interruptible { session throws(RedisError) in
            try session.receivePushed(by: Deadline(in: .seconds(Int64(Int32.max))))
        }
    }

    /// Closes the connection; a call that waits on it is woken.
    public nonisolated func close() {
        interrupter.interrupt()
    }

    /// The end of a command that the server itself may hold back for so long.
    private func deadline(blocking: Duration) -> Deadline {
        Deadline(in: commandTimeout + blocking, idle: commandTimeout)
    }

    private func interruptible<Value: Sendable>(
        _ body: (RedisSession) throws(RedisError) -> Value
    ) async throws -> Value {
        try await withTaskCancellationHandler {
            do {
                guard !interrupter.wasInterrupted else {
                    throw RedisError(.connectionLost, address: address, cause: .closed)
                }
                let value = try body(session)
                if session.address != address || session.node != node {
                    place.withLock { $0 = (session.address, session.node) }
                }
                return value
            } catch {
                // The cancellation has shut the socket down: that is no error of the server.
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
        try await execute(pipeline, blocking: blocking).get()
    }
}

/// Runs the jobs of an actor on a thread of its own.
final class ThreadExecutor: SerialExecutor {
    private let thread = WorkerThread()

    /// Starts the thread: a job cannot be refused.
    ///
    /// - Throws: `SystemError` if the system refuses the thread.
    init() throws(SystemError) {
        // Waiting for another try must not fail, so that the clock is there first.
        try Timer.start()
        try thread.start()
    }

    func enqueue(_ job: UnownedJob) {
        // The thread runs, so that nothing is refused.
        try? thread.enqueue { [self] in job.runSynchronously(on: asUnownedSerialExecutor()) }
    }
}

extension RedisConnection {
    /// Makes sure that the server knows scripts, so that calls of them can be pipelined.
    public func load(_ scripts: [RedisScript]) async throws {
        guard !scripts.isEmpty else { return }
        var pipeline = RedisPipeline()
        for script in scripts { pipeline.append("SCRIPT", "LOAD", script.source) }
        _ = try await executeChecked(pipeline)
    }

    /// Runs a script.
    ///
    /// - Parameters:
    ///   - script: The script.
    ///   - keys: Every key it touches, so that it can run on a cluster.
    ///   - arguments: Its ARGV.
    /// - Returns: The script's reply.
    /// - Throws: ``RedisError``, also for an error that the script raised.
    public func run(
        _ script: RedisScript, keys: [any RedisArgument], arguments: [any RedisArgument] = []
    ) async throws -> RedisReply {
        var pipeline = RedisPipeline()
        pipeline.append(script, keys: keys, arguments: arguments)
        let call = pipeline
        let first = try await execute(call)[0]
        guard first.error?.serverCode == .noScript else { return try first.get() }
        try await load([script])
        let second = try await execute(call)[0]
        guard second.error?.serverCode == .noScript else { return try second.get() }
        // A node of a cluster that a slot is on its way to has answered, and another one was given the script.
        return try await self.call("EVAL", [script.source, keys.count] + keys + arguments)
    }
}
