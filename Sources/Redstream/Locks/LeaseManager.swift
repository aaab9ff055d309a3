import RedstreamConnection
import Synchronization

/// Keeps the leases of a client: by one renewer, and in a cluster by one for each node, so that a node which hangs costs
/// no lease on the others.
final class LeaseManager: Sendable {
    private struct Holding {
        let lease: Lease
        let renewer: LeaseRenewer

        /// True if a server may still have it, although it has ended.
        var mayLinger: Bool {
            !lease.hasEnded || lease.validUntil.advanced(by: LeaseRenewer.leaseTime) > .now
        }
    }

    private struct State {
        /// By the node; of no node where there is no cluster.
        var renewers: [RedisConfiguration.Host?: LeaseRenewer] = [:]
        /// The last lease of each lock that was ours, by the lock's key.
        ///
        /// The server may not know of the end of one: it was away, or a replica has taken over that had not heard of it.
        var last: [RedisKey: Holding] = [:]
    }

    private let pool: RedisPool
    private let state: Mutex<State>

    init(_ pool: RedisPool) {
        self.pool = pool
        // Its thread is there before it is needed, as it is where there is one server.
        state = Mutex(State(renewers: pool.cluster == nil ? [nil: LeaseRenewer(pool)] : [:]))
    }

    /// Tries to take a lock; see ``LeaseRenewer/acquire(_:as:noting:)``.
    func acquire(_ lock: LockName, as holder: String) async throws -> Acquisition {
        let renewer = renewer(at: try await pool.node(of: lock.key))
        let note = { @Sendable lease in self.note(Holding(lease: lease, renewer: renewer)) }
        let acquisition: Acquisition
        do {
            acquisition = try await renewer.acquire(lock, as: holder, noting: note)
        } catch {
            noteDoubt(Holding(lease: Lease(inDoubt: lock, holder: holder), renewer: renewer))
            throw error
        }
        guard case .held(let other) = acquisition, let old = state.withLock({ $0.last[lock.key]?.lease }), old.hasEnded,
            old.holder == other
        else { return acquisition }
        // Our own lock of before would keep us out for the rest of its life.
        try await renewer.giveBack(old)
        return try await renewer.acquire(lock, as: holder, noting: note)
    }

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

    /// Notes a lease that has just begun, and forgets those that no server can have any more.
    ///
    /// It is called before any other task can ask for the lock over the same renewer: a holder's value that is found then is
    /// not an old one.
    private func note(_ holding: Holding) {
        state.withLock { state in
            state.last = state.last.filter { $1.mayLinger }
            state.last[holding.lease.lock.key] = holding
        }
    }

    /// Notes that the answer to a try was lost: the server may have given us the lock.
    ///
    /// Without this the next try, with another holder's value, would find its own lock held for the rest of its life.
    private func noteDoubt(_ holding: Holding) {
        state.withLock { state in
            let key = holding.lease.lock.key
            if state.last[key]?.lease.hasEnded ?? true { state.last[key] = holding }
        }
    }

    /// The renewer of a node.
    ///
    /// Those that keep nothing are dropped when another comes: their node may have left the cluster.
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
