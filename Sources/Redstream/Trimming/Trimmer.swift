import Logging
import RedstreamConnection
public import ServiceLifecycle

/// Removes entries from streams that are old enough, or that the named consumers have committed, or both.
///
/// Each stream is trimmed under its own lock, taken for one pass over it. Up to a hundred streams are trimmed together, and
/// their locks are held until all of them are done. A stream whose lock is held is skipped and
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
            guard needsAllNames else { return try await repeatPasses(until: stop) }
            try await client.whileScanning(each: scanInterval, until: stop) { try await repeatPasses(until: stop) }
        }
    }

    private func repeatPasses(until stop: StopSignal) async throws {
        try await client.repeating(every: interval, until: stop) {
            try await client.warnOfEviction()
            do {
                _ = try await pass(stop: stop, waits: false, isRepeated: true)
            } catch RedstreamError.leaseLost {
                client.logger.warning("a trimmer lost its lock; the next pass goes on from there")
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
        return try await StopSignal.untilShutdown { stop in try await pass(stop: stop, waits: waits, isRepeated: false)
        }
    }

    /// Says what a pass would remove, and removes nothing.
    ///
    /// It takes no locks.
    ///
    /// Counts entries by XRANGE: O(entries that would go).
    public func plan() async throws -> [TrimReport] {
        try requireSlots()
        var reports: [TrimReport] = []
        let targets = try await targets(isRepeated: false)
        for (target, bounds) in zip(targets, try await bounds(of: targets)) {
            let bounds = try bounds.get()
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
            result.finish(bounds)
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
        func trim(_ targets: [Target]) async throws {
            let results: [Result<TrimReport, any Error>]
            do {
                results = try await self.trim(targets, stop: stop, waits: waits)
            } catch is RedisError where targets.count > 1 {
                // One by one, those before the one that fails are trimmed.
                for target in targets where !stop.isStopping { try await trim([target]) }
                return
            }
            for result in results {
                try await tell(try result.get())
                reports.append(try result.get())
            }
        }
        let targets = try await targets(isRepeated: isRepeated, until: stop)
        for targets in targets.parts(of: waits ? 1 : Self.partLimit) where !stop.isStopping {
            try Task.checkCancellation()
            try await trim(targets)
        }
        return reports
    }

    /// Trims some streams, each under its own lock, together; those whose locks are held are skipped.
    ///
    /// - Returns: The report of each that was begun before a stop, or the error that ended its trim.
    private func trim(
        _ targets: [Target], stop: StopSignal, waits: Bool
    ) async throws -> [Result<TrimReport, any Error>] {
        let locks = targets.map { client.keys.trimmerLock($0.stream) }
        let byLock = Dictionary(zip(locks, targets)) { first, _ in first }
        let body: @Sendable ([Lease]) async throws -> [PartialTrim] = { leases in
            try await trim(leases.compactMap { lease in byLock[lease.lock].map { ($0, lease) } }, stop: stop)
        }
        var outcomes: [LockName: Result<TrimReport, any Error>] = [:]
        for (lock, target) in byLock where (try? client.requireOneSlot(of: target.stream)) == nil {
            outcomes[lock] = .success(TrimReport(stream: target.stream, skipped: .splitKeys))
        }
        let wanted = locks.filter { outcomes[$0] == nil }
        var trims: [PartialTrim] = []
        if waits, let lock = wanted.first {
            let name = "redstream:standby:\(targets[0].stream):trimmer"
            outcomes[lock] = .success(TrimReport(stream: targets[0].stream))
            trims = try await client.awaitingLock(lock, clientName: name, until: stop) { try await body([$0]) } ?? []
        } else {
            func passOver(_ place: Int, _ holder: String) -> RedstreamError? {
                let stream = byLock[wanted[place]]?.stream ?? ""
                outcomes[wanted[place]] = .success(TrimReport(stream: stream, skipped: .lockHeld(by: holder)))
                return nil
            }
            trims = try await client.withLocks(wanted, orThrow: passOver, body)
        }
        for trim in trims where !stop.isStopping || trim.hasBegun { outcomes[trim.lease.lock] = trim.outcome }
        return locks.compactMap { outcomes[$0] }
    }

    private func trim(_ held: [(target: Target, lease: Lease)], stop: StopSignal) async throws -> [PartialTrim] {
        var trims = held.map { PartialTrim(of: $0.target, under: $0.lease) }
        while !stop.isStopping {
            let unbound = trims.indices.filter { trims[$0].needsBounds }
            for (place, bounds) in zip(unbound, try await bounds(of: unbound.map { trims[$0].target })) {
                trims[place].take(bounds)
            }
            let absent = unbound.compactMap { trims[$0].takeAbsent() }
            if !absent.isEmpty {
                try await unregister(absent)
                continue
            }
            let open = trims.indices.filter { trims[$0].stage != nil }
            if open.isEmpty { break }
            for places in open.parts(upTo: TrimStep.nodeLimit, cost: { trims[$0].stepCost }) where !stop.isStopping {
                try Task.checkCancellation()
                let calls = places.compactMap { trims[$0].step(for: client) }
                let replies = try await client.replies(to: calls, loading: TrimStep.script)
                for (place, reply) in zip(places, replies) { progress(trims[place].take(reply)) }
            }
        }
        return trims
    }

    /// Removes consumers from the sets of their streams that have neither an offset nor a lock: they are no more.
    ///
    /// They are protected if the user may not.
    private func unregister(_ absent: [(consumers: [ConsumerName], time: UInt64)]) async throws {
        for (consumers, time) in absent {
            do {
                try await StreamIndex(client: client).merge(consumers, asOf: time)
            } catch let error as RedisError where error.serverCode == .noPermission {}
        }
    }

    /// The most streams that are trimmed together.
    private static let partLimit = 100
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
