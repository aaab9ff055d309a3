import Logging
import RedstreamConnection
public import ServiceLifecycle

/// Reads a stream in order and hands batches to a handler, at least once, one active instance per name.
///
/// Any number of processes may run the same consumer: one holds the lock, the others stand by and take over when
/// it stops (at once), or dies (when its lease of 5 s has run out). The offset is committed after the handler has
/// returned, only while the lock is held, and never backwards. A batch whose handler succeeded but whose commit
/// failed is handled again by whoever takes over.
///
/// ```swift
/// let consumer = Consumer(client, stream: "products", name: "indexer") { batch in
///     try await index.update(batch.messages)
/// }
/// try await consumer.run()
/// ```
public struct Consumer: Service {
    /// Does the work for a batch.
    ///
    /// It may be called again with messages it has seen. When its lease is lost, the task it runs in is cancelled.
    public typealias Handler = @Sendable (Batch) async throws -> Void

    /// The options of a consumer.
    public struct Options: Sendable {
        /// The most messages in a batch; 1000 by default, at least 1.
        public var batchSize: Int
        /// The position at which a consumer without an offset starts.
        ///
        /// It is resolved once and stored before the first read.
        public var start: StartPosition
        /// The end of reading; ``ReadLimits/none`` by default.
        public var limits: ReadLimits
        /// True if it waits for a lock that is held; otherwise ``RedstreamError/lockHeld(by:)`` is thrown.
        public var standsBy: Bool
        /// The time that the server may be away before ``Consumer/run()`` throws; nil, the default, for ever.
        public var retryLimit: Duration?
        /// The policy for a batch whose handler fails; ``FailurePolicy/retryForEver`` by default.
        public var failurePolicy: FailurePolicy

        /// Creates options.
        public init(
            batchSize: Int = 1000, start: StartPosition = .earliest, limits: ReadLimits = .none,
            standsBy: Bool = true, retryLimit: Duration? = nil, failurePolicy: FailurePolicy = .retryForEver
        ) {
            precondition(batchSize > 0, "a batch holds one message at least")
            self.batchSize = batchSize
            self.start = start
            self.limits = limits
            self.standsBy = standsBy
            self.retryLimit = retryLimit
            self.failurePolicy = failurePolicy
        }
    }

    /// The outcome of ``runOnce()``.
    public enum Outcome: Sendable, Equatable {
        /// A batch was handled and committed; the number of its messages.
        case handled(Int)
        /// There was nothing to read.
        case empty
    }

    let client: StreamClient
    let name: ConsumerName
    let options: Options
    let handler: Handler
    /// The sizes of reads that the server has answered.
    let readSizes: ReadSizes

    /// Creates a consumer of a stream.
    ///
    /// - Parameters:
    ///   - client: The namespace and its Redis.
    ///   - stream: The stream to read, which need not exist yet.
    ///   - name: The consumer's name; its offset and lock are kept under it.
    ///   - options: How to read.
    ///   - handler: The work; see ``Handler``.
    public init(
        _ client: StreamClient, stream: String, name: String, options: Options = Options(),
        handler: @escaping Handler
    ) {
        self.client = client
        self.name = ConsumerName(stream: stream, name: name)
        self.options = options
        self.handler = handler
        readSizes = ReadSizes(maximum: options.batchSize)
    }

    /// Consumes until the limits are reached or a graceful shutdown is asked for.
    ///
    /// On a graceful shutdown the batch in hand is finished and committed, the lock released and a standby woken. On
    /// cancellation nothing more is committed, and the lock is released too. A handler that throws is called again
    /// with the same batch, after a wait that doubles up to 30 s, as often as ``FailurePolicy`` says. While the server is
    /// away, it is tried again.
    ///
    /// - Throws: ``RedstreamError/lockHeld(by:)`` where it does not stand by; `RedisError` that no retry can mend;
    ///   ``RedstreamError/gaveUp(_:message:attempts:reason:)`` where the policy says to stop; an
    ///   ``UnretryableHandlerError`` of the handler; `CancellationError`.
    public func run() async throws {
        try await StopSignal.untilShutdown { stop in try await run(until: stop) }
    }

    /// Reads one batch without waiting, handles and commits it.
    ///
    /// It calls the handler once, whatever the failure policy says.
    ///
    /// - Throws: ``RedstreamError/lockHeld(by:)``; ``RedstreamError/leaseLost``; ``RedstreamError/offsetChanged(_:)`` where
    ///   the offset was moved beyond the batch by hand; ``RedstreamError/entriesDiffer(_:)`` where a failover or a deletion
    ///   took away what was read; `RedisError`; and what the handler threw. Nothing is committed after any of them, except
    ///   where the connection broke under the commit. ``RedstreamError/retryAdvice`` tells which to call again after.
    public func runOnce() async throws -> Outcome {
        try client.requireOneSlot(of: name.stream)
        let stop = StopSignal()
        return try await ClosureError.unwrapping {
            try await client.withLock(client.keys.lock(name)) { lease in
                let session = ConsumerSession(self, lease: lease, stop: stop, retries: Retries(client, until: stop))
                return try await readSizes.whileShrinking { try await session.handleOneBatch() }
            }
        }
    }

    private func run(until stop: StopSignal) async throws {
        let notices = StandbyNotices(title, on: client.logger)
        try await LockCoordinator(
            client: client, title: title, clientName: clientName(role: "standby"), tasks: [lockedTask(notices)],
            standsBy: options.standsBy, retryLimit: options.retryLimit
        ).run(until: stop)
    }

    /// Makes the consumer's work, whose progress counts over all of its sessions.
    ///
    /// - Parameter notices: Logs when it holds its lock; nil if it is one of several.
    /// - Returns: The work, under the consumer's lock.
    func lockedTask(_ notices: StandbyNotices? = nil) -> LockedTask {
        let progress = ConsumerProgress()
        return LockedTask(
            lock: client.keys.lock(name), stream: name.stream, title: title, notices: notices,
            waitForHandler: waitForHandler
        ) { lease, stop, retries in
            defer { options.limits.share?.settle(at: progress.handledCount) }
            return try await ConsumerSession(
                self, lease: lease, stop: stop, retries: retries, progress: progress,
                onStart: { notices?.holds(at: $0) }
            ).run()
        }
    }

    private var title: String { "consumer \(name.name) of \(name.stream)" }

    /// Calls the handler.
    func handle(_ batch: Batch) async throws(ClosureError) {
        do {
            try await ClosureError.wrapping { try await handler(batch) }
        } catch {
            if !error.isUnavailable { client.handlerOutages.succeeded(name, logger: client.logger) }
            throw error
        }
        client.handlerOutages.succeeded(name, logger: client.logger)
    }

    /// Waits before a handler is called again that could not do anything.
    ///
    /// - Throws: `error` if it is another one, or the time is up; `CancellationError`.
    func waitForHandler(_ error: ClosureError, _ stop: StopSignal) async throws {
        guard error.isUnavailable else { throw error }
        try await client.handlerOutages.failed(
            error, because: error.reason, of: name, limit: options.retryLimit, stop: stop, logger: client.logger)
    }

    func clientName(role: String) -> String { "redstream:\(role):\(name.stream):\(name.name)" }
}

/// The position at which a consumer without an offset starts.
public enum StartPosition: Sendable, Equatable {
    /// At the first entry.
    case earliest
    /// After the last entry there is when the consumer first starts.
    case latest
    /// After the given id.
    case after(StreamID)
    /// After what another consumer of the stream has committed; at the first entry where it has not.
    case committed(String)
}
