import Logging
import Metrics
import RedstreamConnection
public import ServiceLifecycle

/// Removes entries from streams that are old enough, or that the named consumers have committed, or both.
///
/// Each stream is trimmed under its own lock, taken for one pass over it; a stream whose lock is held is skipped and
/// reported. No entry goes that a protected consumer has not committed: the step that removes compares the offsets
/// itself, as numbers.
public struct Trimmer: Service {
    /// The streams to trim.
    public enum Streams: Sendable, Equatable {
        /// These, by name.
        case named([String])
        /// Every stream of the namespace but delay and dead-letter streams; those that appear later join.
        case all
    }

    let client: StreamClient
    let streams: Streams
    let policy: TrimPolicy
    private let interval: Duration
    let scanInterval: Duration?
    private let progress: @Sendable (Int) -> Void
    private let report: @Sendable (TrimReport) async throws -> Void

    /// Creates a trimmer.
    ///
    /// - Parameters:
    ///   - client: The namespace and its Redis.
    ///   - streams: Which streams.
    ///   - policy: Which entries may go.
    ///   - interval: The time between passes; 30 s by default.
    ///   - scanInterval: How often to look for streams and consumers that are not known, by SCAN; by default after 100 times
    ///     the time that the last scan took, an hour at most.
    ///   - report: Is told of every pass over a stream.
    ///   - progress: Is told, step by step, how many entries went.
    public init(
        _ client: StreamClient, streams: Streams, policy: TrimPolicy, interval: Duration = .seconds(30),
        scanInterval: Duration? = nil,
        report: @escaping @Sendable (TrimReport) async throws -> Void = { _ in },
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.client = client
        self.streams = streams
        self.policy = policy
        self.interval = interval
        self.scanInterval = scanInterval
        self.progress = progress
        self.report = report
    }

    /// Makes a pass, waits for the interval, and so on, until a graceful shutdown is asked for.
    ///
    /// - Throws: `RedisError` that no retry can mend; what `report` threw; `CancellationError`.
    public func run() async throws {
        try requireSlots()
        try await StopSignal.untilShutdown { stop in
            try await client.repeating(every: interval, until: stop) {
                try await client.warnOfEviction()
                do {
                    _ = try await pass(stop: stop, waits: false, isRepeated: true)
                } catch RedstreamError.leaseLost {
                    client.logger.warning("a trimmer lost its lock; the next pass goes on from there")
                }
            }
        }
    }

    /// Makes one pass over all streams.
    ///
    /// - Parameter waits: True to wait for a lock that is held, instead of skipping its stream.
    /// - Returns: A report for each stream.
    /// - Throws: `RedisError`; what `report` threw.
    @discardableResult
    public func runOnce(waits: Bool = false) async throws -> [TrimReport] {
        try requireSlots()
        return try await StopSignal.untilShutdown { stop in try await pass(stop: stop, waits: waits, isRepeated: false) }
    }

    /// Says what a pass would remove, and removes nothing.
    ///
    /// It takes no locks.
    ///
    /// Counts entries by XRANGE: O(entries that would go).
    public func plan() async throws -> [TrimReport] {
        try requireSlots()
        var reports: [TrimReport] = []
        for target in try await targets(isRepeated: false) {
            let bounds = try await bounds(of: target)
            var result = TrimReport(stream: target.stream, skipped: bounds.skipped)
            var from = StreamID.zero
            for stage in bounds.stages where stage > from {
                let through = stage.predecessor ?? .zero
                let count = try await client.countEntries(in: target.stream, from: from, through: through)
                result.add(count, below: stage, bounds: bounds)
                from = stage
            }
            if let bound = bounds.stages.last, result.removed > 0 {
                result.lastRemoved = try await client.lastEntry(of: target.stream, below: bound)
            }
            if result.removed == 0 { result.heldBack = bounds.heldBack }
            result.setAge(now: bounds.now)
            try await ClosureError.unwrapping { try await tell(result) }
            reports.append(result)
        }
        return reports
    }

    private func tell(_ result: TrimReport) async throws(ClosureError) {
        try await ClosureError.wrapping { try await report(result) }
    }

    /// Refuses streams by name that a cluster cannot trim; of all streams, those are passed over and reported.
    private func requireSlots() throws {
        guard case .named(let names) = streams else { return }
        for name in names { try client.requireOneSlot(of: name) }
    }

    private func pass(stop: StopSignal, waits: Bool, isRepeated: Bool) async throws -> [TrimReport] {
        var reports: [TrimReport] = []
        for target in try await targets(isRepeated: isRepeated, until: stop) where !stop.isStopping {
            try Task.checkCancellation()
            let result = try await trim(target, stop: stop, waits: waits)
            try await tell(result)
            reports.append(result)
        }
        return reports
    }

    private func trim(_ target: Target, stop: StopSignal, waits: Bool) async throws -> TrimReport {
        do { try client.requireOneSlot(of: target.stream) } catch {
            return TrimReport(stream: target.stream, skipped: .splitKeys)
        }
        let lock = client.keys.trimmerLock(target.stream)
        let body: @Sendable (Lease) async throws -> TrimReport = { lease in
            try await trim(target, under: lease, stop: stop)
        }
        do {
            guard waits else { return try await client.withLock(lock, body) }
            let name = "redstream:standby:\(target.stream):trimmer"
            return try await client.awaitingLock(lock, clientName: name, until: stop, body)
                ?? TrimReport(stream: target.stream)
        } catch RedstreamError.lockHeld(let holder) {
            return TrimReport(stream: target.stream, skipped: .lockHeld(by: holder))
        }
    }

    private func trim(_ target: Target, under lease: Lease, stop: StopSignal) async throws -> TrimReport {
        var bounds = try await bounds(of: target)
        var result = TrimReport(stream: target.stream, skipped: bounds.skipped)
        let trimmed = Counter(label: "redstream_messages_trimmed_total", dimensions: [("stream", target.stream)])
        var stages = bounds.stages[...]
        while let stage = stages.first, !stop.isStopping {
            try Task.checkCancellation()
            let step = try await client.pool.withConnection(for: lease.lock.key) { [bounds] connection in
                try await TrimStep.perform(
                    on: connection, client: client, stream: target.stream, lease: lease, firstKept: stage, bounds: bounds)
            }
            guard let step else {
                // A consumer has begun since the bounds were looked for.
                bounds = try await self.bounds(of: target)
                stages = bounds.stages[...]
                continue
            }
            trimmed.increment(by: step.removed)
            progress(step.removed)
            result.add(step.removed, below: stage, bounds: bounds)
            result.lastRemoved = step.last ?? result.lastRemoved
            if !step.more { stages.removeFirst() }
        }
        if result.removed == 0 { result.heldBack = bounds.heldBack }
        result.setAge(now: bounds.now)
        return result
    }
}

extension StreamClient {
    fileprivate func lastEntry(of stream: String, below bound: StreamID) async throws -> StreamID? {
        let key = keys.stream(stream)
        return try await pool.withConnection(for: key) { connection in
            let reply = try await connection.call("XREVRANGE", key, "(\(bound)", "-", "COUNT", 1)
            return StreamEntries(range: reply).first.flatMap { StreamID(utf8: $0.id) }
        }
    }
}
