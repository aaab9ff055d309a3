import RedstreamConnection
import RedstreamSystem
import Synchronization

/// The renewer of the leases on a node, with a thread and a connection of its own, so that a handler which keeps every
/// core busy does not cost one.
///
/// All that are due go in one pipeline: the time of a round trip does not grow with their number.
///
/// `@unchecked`: `connection` and `renewals` are touched by closures on `thread` only, which runs them one after the other.
final class LeaseRenewer: @unchecked Sendable {
    /// The time that a lock lives without a renewal: the gem's value.
    static let leaseTime = Duration.seconds(5)
    /// Renewed at a third of its life, so that one renewal may fail.
    static let renewalInterval = leaseTime / 3
    /// The time by which a renewal may be early, to go along with others.
    private static let leeway = renewalInterval / 3
    /// The most renewals in one pipeline.
    private static let pipelineLimit = 1000
    /// The time that a caller who leaves still waits.
    private static let leavingTime = Duration.milliseconds(100)
    /// The time that a release stays to be noticed by a standby.
    static let notificationTime = Duration.seconds(60)

    /// A renewal to come.
    private struct Renewal {
        let lease: Lease
        var due: ContinuousClock.Instant
        /// The most renewals that may go with it: fewer after a pipeline failed that it was in, which in a cluster may be
        /// the fault of the node that another one has moved to.
        var limit = LeaseRenewer.pipelineLimit
    }

    private let thread = WorkerThread()
    private let connection: BlockingRedisConnection
    private let isCluster: Bool
    private var renewals: [Renewal] = []
    /// The next time that renewals are looked at; nil if none is to come.
    private var nextLook: ContinuousClock.Instant?

    init(_ pool: RedisPool) {
        var configuration = pool.configuration
        // A try must leave time for another before the lease is over.
        configuration.connectTimeout = min(configuration.connectTimeout, .seconds(1))
        configuration.commandTimeout = min(configuration.commandTimeout, .seconds(1))
        connection = pool.blockingConnection(configuration, name: "redstream:leases")
        isCluster = pool.cluster != nil
    }

    /// Tries to take a lock.
    ///
    /// A caller whose task is cancelled or stopped leaves. If the lock is taken after that, it is given back.
    ///
    /// - Parameters:
    ///   - lock: The lock.
    ///   - holder: The value of its key.
    ///   - note: Is told of the lease before anything else is done by this renewer.
    /// - Returns: The lease, renewed until it is released or lost; or the value of another holder.
    /// - Throws: `RedisError`.
    func acquire(
        _ lock: LockName, as holder: String, noting note: @escaping @Sendable (Lease) -> Void
    ) async throws -> Acquisition {
        try await onThread { renewer in
            let sent = ContinuousClock.now
            let reply = try renewer.run(
                LockScripts.acquire, keys: [lock.key], arguments: [holder, Self.leaseTime.milliseconds])
            if let other = reply.string { return .held(by: other) }
            let lease = Lease(lock: lock, holder: holder, validUntil: sent.advanced(by: Self.leaseTime))
            note(lease)
            renewer.add(Renewal(lease: lease, due: .now.advanced(by: Self.renewalInterval)))
            return .acquired(lease)
        } unclaimed: { renewer, acquisition in
            guard case .acquired(let lease) = acquisition else { return }
            lease.end(.released)
            try? renewer.giveBackOnThread(lease)
        }
    }

    /// Gives a lock back and wakes a standby.
    ///
    /// It is done even where the calling task was cancelled.
    ///
    /// With the server away there is nothing to wait for: the lease runs out by itself.
    ///
    /// - Returns: What has kept it from being given back: the lock may still be ours on the server, for as long as it
    ///   lives there.
    func release(_ lease: Lease) async -> RedisError? {
        guard !lease.hasEnded else { return nil }
        lease.end(.released)
        do {
            try await giveBack(lease)
            return nil
        } catch {
            return error as? RedisError
        }
    }

    /// Gives back what is our lease no more by our own clock, but may be on the server.
    func giveBack(_ lease: Lease) async throws {
        try await withThreadErrors {
            try await thread.run { [self] in
                do {
                    try giveBackOnThread(lease)
                } catch let error as RedisError where error.kind == .connectionLost || error.isReplica {
                    // A connection that has broken since the last renewal shows it only when it is used; the next is new.
                    try giveBackOnThread(lease)
                }
            }
        }
    }

    private func giveBackOnThread(_ lease: Lease) throws {
        _ = try run(
            LockScripts.release, keys: [lease.lock.key, lease.lock.notifyKey],
            arguments: [lease.holder, Self.notificationTime.milliseconds])
    }

    /// Runs a script from the renewer's thread; by its text, which is short, so that no server can have forgotten it.
    private func run(
        _ script: RedisScript, keys: [RedisKey], arguments: [any RedisArgument]
    ) throws -> RedisReply {
        var pipeline = RedisPipeline()
        pipeline.append(["EVAL", script.source, keys.count] + keys + arguments)
        return try connection.execute(pipeline, for: keys.first, timeout: .seconds(1))[0].get()
    }

    /// Runs a step on the thread; a caller whose task is cancelled or stopped leaves it behind.
    private func onThread<Value: Sendable>(
        _ body: @escaping @Sendable (LeaseRenewer) throws -> Value,
        unclaimed: @escaping @Sendable (LeaseRenewer, Value) -> Void
    ) async throws -> Value {
        let departure = Departure<Value>()
        let cancelled = RedisError(.cancelled, address: connection.address, cause: .cancelled)
        let leave: @Sendable () -> Void = {
            // A server that answers is waited for, so that a lock that was just taken is given back before the process ends.
            let isWaiting: Void? = try? Timer.after(Self.leavingTime) { departure.leave(throwing: cancelled) }
            if isWaiting == nil { departure.leave(throwing: cancelled) }
        }
        return try await withThreadErrors {
            try await withTaskCancellationHandler {
                try await StopSignal.interrupting(by: leave) {
                    try await thread.run({ try body(self) }, leaving: departure) { unclaimed(self, $0) }
                }
            } onCancel: {
                leave()
            }
        }
    }

    /// Throws the errors of a step on the thread: `CancellationError` if the task is cancelled, and `RedisError` if the system
    /// refuses the thread.
    private func withThreadErrors<Value>(_ step: () async throws -> Value) async throws -> Value {
        do {
            return try await step()
        } catch {
            try Task.checkCancellation()
            guard let error = error as? SystemError else { throw error }
            throw RedisError(error, connectingTo: connection.address)
        }
    }
}

// Renewing, on the thread.
extension LeaseRenewer {
    private func add(_ renewal: Renewal) {
        renewals.append(renewal)
        look(at: renewal.due)
    }

    private func look(at moment: ContinuousClock.Instant) {
        if let nextLook, nextLook <= moment { return }
        nextLook = moment
        // It is called on the thread, which runs already.
        _ = try? thread.enqueue(after: ContinuousClock.now.duration(to: moment)) { [weak self] in self?.renewDue() }
    }

    /// Renews what is due, and what is due soon along with it.
    private func renewDue() {
        // A look that an earlier one has made needless.
        guard let moment = nextLook, moment <= .now else { return }
        nextLook = nil
        let soon = ContinuousClock.now.advanced(by: Self.leeway)
        renewals.removeAll { $0.lease.hasEnded }
        let due = renewals.filter { $0.due <= soon }.sorted { $0.due < $1.due }
        var whole = due.filter { $0.limit == Self.pipelineLimit }
        // One at a time, so that those that can go together do not wait for several that cannot.
        let limit = due.first { $0.limit < Self.pipelineLimit }?.limit ?? 0
        let part = due.filter { $0.limit == limit }.prefix(limit)
        let taken = Set((whole + part).map { ObjectIdentifier($0.lease) })
        renewals.removeAll { taken.contains(ObjectIdentifier($0.lease)) }
        while !whole.isEmpty {
            renew(Array(whole.prefix(Self.pipelineLimit)))
            whole.removeFirst(min(Self.pipelineLimit, whole.count))
        }
        if !part.isEmpty { renew(Array(part)) }
        if let next = renewals.map(\.due).min() { look(at: next) }
    }

    /// Renews leases in one round trip.
    private func renew(_ batch: [Renewal]) {
        var pipeline = RedisPipeline()
        for renewal in batch { pipeline.appendRenewal(of: renewal.lease) }
        let sent = ContinuousClock.now
        do {
            let replies = try connection.execute(pipeline, for: batch.first?.lease.lock.key, timeout: .seconds(1))
            for (renewal, reply) in zip(batch, replies) {
                settle(renewal, reply.error == nil ? reply.integer == 1 : nil, sentAt: sent)
            }
        } catch {
            // A node that does not answer leaves no time for many tries: the others go without each other then.
            let limit = error.kind == .timedOut ? 1 : (batch.count + 1) / 2
            for var renewal in batch {
                if isCluster { renewal.limit = limit }
                settle(renewal, nil, sentAt: sent)
            }
        }
    }

    /// Notes an answer: true if the lease was renewed, false if it is lost, nil if the server did not say.
    private func settle(_ renewal: Renewal, _ isRenewed: Bool?, sentAt sent: ContinuousClock.Instant) {
        let lease = renewal.lease
        switch isRenewed {
        case true?:
            lease.renewed(until: sent.advanced(by: Self.leaseTime))
            add(Renewal(lease: lease, due: .now.advanced(by: Self.renewalInterval)))
        case nil where lease.isValid:
            var again = renewal
            again.due = min(.now.advanced(by: .milliseconds(100)), lease.validUntil)
            add(again)
        case false?, nil: lease.end(.lost)
        }
    }
}

/// The outcome of trying to take a lock.
enum Acquisition: Sendable {
    case acquired(Lease)
    case held(by: String)
}

extension Duration {
    /// Whole milliseconds, rounded down.
    package var milliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}
