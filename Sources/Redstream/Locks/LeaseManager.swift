import RedstreamConnection
import Synchronization

/// The locks of a client: taken, renewed and given back by one renewer, and in a cluster by one for each node, so that a
/// node which hangs costs no lease on the others.
final class LeaseManager: Sendable {
    struct Holding {
        let lease: Lease
        let renewer: LeaseRenewer
        /// True if the answer to the try was lost, so that nobody has acted under the lease.
        var isInDoubt = false

        /// True if a server may still have it, although it has ended.
        var mayLinger: Bool {
            !lease.hasEnded || lease.validUntil.advanced(by: LeaseRenewer.leaseTime) > .now
        }
    }

    struct State {
        /// By the node; of no node where there is no cluster.
        var renewers: [RedisConfiguration.Host?: LeaseRenewer] = [:]
        /// The last lease of each lock that was ours, by the lock's key.
        ///
        /// The server may not know of the end of one: it was away, or a replica has taken over that had not heard of it.
        var last: [RedisKey: Holding] = [:]
        /// The number of leases at which those are forgotten that no server can have any more.
        var sweepCount = Self.minimumSweepCount
        static let minimumSweepCount = 64

        /// Notes a lease.
        ///
        /// A sweep comes after as many notes as it has leases to look at.
        mutating func note(_ holding: Holding) {
            last[holding.lease.lock.key] = holding
            guard last.count >= sweepCount else { return }
            last = last.filter { $1.mayLinger }
            sweepCount = max(2 * last.count, Self.minimumSweepCount)
        }
    }

    private let pool: RedisPool
    private let identity = HolderIdentity()
    private let state: Mutex<State>

    init(_ pool: RedisPool) {
        self.pool = pool
        // One server needs one renewer. A cluster's are made when a node is first used.
        state = Mutex(State(renewers: pool.cluster == nil ? [nil: LeaseRenewer(pool)] : [:]))
    }

    /// Tries to take a lock; see ``LeaseRenewer/acquire(_:as:noting:)``.
    ///
    /// Each lease has a holder's value of its own, so that a late command of an earlier one does not pass for one of this.
    func acquire(_ lock: LockName) async throws -> Acquisition {
        let renewer = renewer(at: try await pool.node(of: lock.key))
        let first = try await acquire(lock, by: renewer)
        guard case .held(let other) = first, let old = ended(lock, heldBy: other) else { return first }
        // Our own lock of before would keep us out for the rest of its life.
        try await renewer.giveBack(old)
        return try await acquire(lock, by: renewer)
    }

    /// Tries once, and notes a try whose answer is lost.
    private func acquire(_ lock: LockName, by renewer: LeaseRenewer) async throws -> Acquisition {
        let holder = holder(for: lock)
        do {
            return try await renewer.acquire(lock, as: holder) { lease in
                // Before any other task can ask for the lock over the same renewer: a holder's value that is found then is
                // not an old one.
                self.state.withLock { $0.note(Holding(lease: lease, renewer: renewer)) }
            }
        } catch {
            // The try of a caller that has left may still be under way.
            let hasTryEnded = !(error is CancellationError) && (error as? RedisError)?.kind != .cancelled
            noteDoubt(Holding(lease: Lease(inDoubt: lock, holder: holder), renewer: renewer, isInDoubt: hasTryEnded))
            throw error
        }
    }

    /// Returns whether a lock that looks held may be ours to take: by a lease that has ended.
    func mayTake(_ lock: LockName, heldBy holder: String) -> Bool { ended(lock, heldBy: holder) != nil }

    /// Gives a lock back and wakes a standby; see ``LeaseRenewer/release(_:)``.
    ///
    /// - Returns: The error of a server that is there and refuses, for want of a right.
    @discardableResult
    func release(_ lease: Lease) async -> RedisError? {
        let holding = state.withLock { $0.last[lease.lock.key] }
        guard let holding, holding.lease === lease else { return nil }
        let error = await holding.renewer.release(lease)
        return error?.serverCode == .noPermission ? error : nil
    }

    /// Returns the value for a try: a new one, or that of a try whose answer was lost, which finds the lock its own.
    private func holder(for lock: LockName) -> String {
        state.withLock { state in
            guard let last = state.last[lock.key], last.isInDoubt else { return identity.make() }
            // No other task may use it as well.
            state.last[lock.key] = nil
            return last.lease.holder
        }
    }

    private func ended(_ lock: LockName, heldBy holder: String) -> Lease? {
        state.withLock { $0.last[lock.key]?.lease }.flatMap { $0.hasEnded && $0.holder == holder ? $0 : nil }
    }

    /// Notes that the answer to a try was lost: the server may have given us the lock.
    private func noteDoubt(_ holding: Holding) {
        state.withLock { state in
            let key = holding.lease.lock.key
            if state.last[key]?.lease.hasEnded ?? true { state.note(holding) }
        }
    }

    /// Returns the renewer of a node.
    ///
    /// Those that renew nothing are dropped when another comes: their node may have left the cluster.
    private func renewer(at node: RedisConfiguration.Host?) -> LeaseRenewer {
        state.withLock { state in
            if let renewer = state.renewers[node] { return renewer }
            let busy = state.last.values.filter { !$0.lease.hasEnded }.map(\.renewer)
            state.renewers = state.renewers.filter { _, renewer in busy.contains { $0 === renewer } }
            let renewer = LeaseRenewer(pool)
            state.renewers[node] = renewer
            return renewer
        }
    }
}
