import Logging
import Metrics
import RedstreamConnection
public import ServiceLifecycle

/// Moves the entries of a stream's delay stream to the stream once they are older than a delay.
///
/// A process that died between saving a record and queueing its message has left a delay message; the delayer
/// delivers it. The delay must exceed the longest database transaction, or the message may be handled before the
/// change it speaks of can be seen.
///
/// One instance per stream is active, others stand by. An entry is moved by one atomic step: it stands in its stream
/// before it leaves the delay stream, and no crash doubles what a reported move has moved. By the server's own clock
/// nothing moves before its time.
public struct Delayer: Service {
    /// The entries that one pass moved.
    public struct Moved: Sendable, Equatable {
        /// The number of entries.
        public var count: Int
        /// The last of them, by its id in the delay stream; nil where there was none.
        public var lastID: StreamID?
    }

    let client: StreamClient
    let stream: String
    private let delay: Duration
    private let standsBy: Bool
    private let report: @Sendable (Moved) async throws -> Void
    /// The sizes of reads that the server has answered.
    private let readSizes = ReadSizes(maximum: DelayMove.batchSize)

    /// Creates a delayer.
    ///
    /// - Parameters:
    ///   - client: The namespace and its Redis.
    ///   - stream: The stream whose delay stream to serve; neither need exist yet.
    ///   - delay: The age at which an entry moves, to the millisecond.
    ///   - standsBy: True to wait for a lock that is held; otherwise ``RedstreamError/lockHeld(by:)`` is thrown.
    ///   - report: Is told of every move, of a thousand entries at most.
    public init(
        _ client: StreamClient, stream: String, delay: Duration, standsBy: Bool = true,
        report: @escaping @Sendable (Moved) async throws -> Void = { _ in }
    ) {
        self.client = client
        self.stream = stream
        self.delay = delay
        self.standsBy = standsBy
        self.report = report
    }

    /// Moves entries as they become due, until a graceful shutdown is asked for.
    ///
    /// While the server is away, or the target out of memory, it is tried again.
    ///
    /// - Throws: ``RedstreamError/lockHeld(by:)`` where it does not stand by;
    ///   ``RedstreamError/unsoundTarget(stream:reason:)``; `RedisError` that no retry can mend; what `report` threw;
    ///   `CancellationError`.
    public func run() async throws {
        try await StopSignal.untilShutdown { stop in try await run(until: stop) }
    }

    /// Moves everything that is due now.
    ///
    /// - Returns: What was moved.
    /// - Throws: As ``run()``; ``RedstreamError/leaseLost``.
    public func runOnce() async throws -> Moved {
        try client.requireOneSlot(of: stream)
        let notices = notices
        return try await StopSignal.untilShutdown { stop in
            let pass: @Sendable (Lease) async throws -> Moved = { lease in
                notices.holds()
                try await begin()
                return try await moveAllDue(under: lease, until: stop)
            }
            guard standsBy else { return try await client.withLock(lock, pass) }
            return try await client.awaitingLock(lock, clientName: standbyName, until: stop, notices: notices, pass)
                ?? Moved(count: 0)
        }
    }

    /// Moves everything that is due now, on one connection after another.
    private func moveAllDue(under lease: Lease, until stop: StopSignal) async throws -> Moved {
        let progress = MoveProgress()
        try await readSizes.whileShrinking {
            try await connected { connection in
                _ = try await moveDue(under: lease, on: connection, until: stop, progress)
            }
        }
        return progress.moved
    }

    private func run(until stop: StopSignal) async throws {
        try await LockCoordinator(
            client: client, title: title, clientName: standbyName, tasks: [lockedTask(notices)], standsBy: standsBy
        ).run(until: stop)
    }

    /// Makes the delayer's work, which never ends by itself.
    ///
    /// - Parameter notices: Logs when it holds its lock; nil if it is one of several.
    /// - Returns: The work, under the delayer's lock.
    func lockedTask(_ notices: StandbyNotices? = nil) -> LockedTask {
        LockedTask(lock: lock, stream: stream, title: title, notices: notices) { lease, stop, retries in
            notices?.holds()
            try await serve(under: lease, until: stop, retries)
            return false
        }
    }

    /// Serves the delay stream for as long as the lease lasts.
    private func serve(under lease: Lease, until stop: StopSignal, _ retries: Retries) async throws {
        let progress = MoveProgress()
        _ = try await retries.run(under: lease, until: stop) { () async throws -> Never? in
            retries.tries(.read)
            try await begin()
            try await readSizes.whileShrinking {
                try await connected { connection in
                    while !stop.isStopping {
                        let next = try await moveDue(under: lease, on: connection, until: stop, progress, retries)
                        try await wait(next, on: connection, stop: stop)
                    }
                }
            }
            return nil
        }
    }

    /// Moves everything that is due.
    ///
    /// - Returns: The time until the next entry is due; nil if there is none.
    // Inlined into the closures that call it, it crashes the optimizer of Swift 6.3.
    @inline(never)
    private func moveDue(
        under lease: Lease, on connection: RedisConnection, until stop: StopSignal, _ progress: MoveProgress,
        _ retries: Retries? = nil
    ) async throws -> Duration? {
        let move = DelayMove(
            stream: stream, policy: DelayPolicy(delay: delay), lease: lease, keys: client.keys, readSizes: readSizes,
            logger: client.logger)
        while !stop.isStopping {
            try Task.checkCancellation()
            let outcome = try await move.perform(on: connection, cursor: &progress.cursor)
            retries?.succeeded()
            switch outcome {
            case .moved(let count, let last):
                progress.moved = Moved(count: progress.moved.count + count, lastID: last)
                Counter(label: "redstream_messages_delayed_total", dimensions: [("stream", stream)])
                    .increment(by: count)
                try await ClosureError.wrapping { try await report(Moved(count: count, lastID: last)) }
            // The first look only tells the server's clock; an entry may well be due by it.
            case .notDue(.zero), .disturbed: continue
            case .notDue(let wait): return wait
            }
        }
        return nil
    }

    /// Waits until the next entry is due, or until there is one at all.
    private func wait(_ next: Duration?, on connection: RedisConnection, stop: StopSignal) async throws {
        if let next {
            // A second at most, then another look: the server's clock may be set.
            return try await stop.sleep(for: min(next, .seconds(1)))
        }
        let blockTime = BatchReader.blockTime(on: client.pool)
        var pipeline = RedisPipeline()
        pipeline.append(
            "XREAD", "COUNT", 1, "BLOCK", blockTime.milliseconds, "STREAMS",
            client.keys.delayStream(stream), "0-0")
        _ = try await stop.wakeable(by: { connection.close() }) {
            try await connection.executeChecked(pipeline, blocking: blockTime)
        }
    }

    /// Leaves the delay in force for operators to see, and makes sure that what is begun can be finished.
    private func begin() async throws {
        let key = client.keys.delay(stream)
        try await client.pool.withConnection(for: key) {
            _ = try await $0.call("SET", key, delay.milliseconds)
            try await DelayMove.checkRights(of: stream, in: client.keys, on: $0)
        }
    }

    private func connected<Value>(_ body: (RedisConnection) async throws -> Value) async throws -> Value {
        let key = client.keys.delayStream(stream)
        return try await client.pool.withOwnConnection(name: "redstream:delayer:\(stream)", for: key) { connection in
            try await body(connection)
        }
    }

    private var lock: LockName { client.keys.lock(.delayer(of: stream)) }
    private var title: String { "the delayer of \(stream)" }
    private var standbyName: String { "redstream:standby:\(stream).delay:delayer" }
    var notices: StandbyNotices { StandbyNotices(title, on: client.logger) }
}

/// The progress of a pass, over all of its connections.
private final class MoveProgress {
    var cursor = DelayCursor()
    var moved = Delayer.Moved(count: 0)
}
