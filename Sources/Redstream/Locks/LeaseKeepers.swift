import RedisClient
import Synchronization

/// Keeps the leases of a client: by one keeper, and in a cluster by one for each node, so that a node which hangs costs
/// no lease on the others.
final class LeaseKeepers: Sendable {
    private let pool: RedisPool
    /// By the node, as a text; the text is empty where there is no cluster, or its nodes are not known yet.
    private let keepers = Mutex<[String: LeaseKeeper]>([:])
    /// The last lease of each lock that is ours no more, by the lock's key.
    ///
    /// The server may not know of its end: it was away, or a replica has taken over that had not heard of it.
    private let former = Mutex<[String: Lease]>([:])

    init(_ pool: RedisPool) {
        self.pool = pool
        // Its thread is there before it is needed, as it is where there is one server.
        if pool.cluster == nil { keepers.withLock { $0[""] = LeaseKeeper(pool) } }
    }

    /// Tries to take a lock; see ``LeaseKeeper/acquire(_:as:)``.
    func acquire(_ lock: LockName, as holder: String) async throws -> Acquisition {
        let keeper = keeper(of: try await pool.place(of: lock.key))
        let acquisition = try await keeper.acquire(lock, as: holder)
        let old = former.withLock { $0.removeValue(forKey: lock.key) }
        guard case .held(let other) = acquisition, let old, old.holder == other else { return acquisition }
        // Our own lock of before would keep us out for the rest of its life.
        do {
            try await keeper.giveBack(old)
        } catch {
            former.withLock { $0[lock.key] = old }
            throw error
        }
        return try await keeper.acquire(lock, as: holder)
    }

    /// Gives a lock back and wakes a standby; see ``LeaseKeeper/release(_:)``.
    ///
    /// - Returns: The error of a server that is there and refuses, for want of a right.
    @discardableResult
    func release(_ lease: Lease) async -> RedisError? {
        let place = (try? await pool.place(of: lease.lock.key)) ?? ""
        let error = await keeper(of: place).release(lease)
        former.withLock { $0[lease.lock.key] = lease }
        return error?.code == "NOPERM" ? error : nil
    }

    private func keeper(of place: String) -> LeaseKeeper {
        keepers.withLock { keepers in
            if let keeper = keepers[place] { return keeper }
            let keeper = LeaseKeeper(pool)
            keepers[place] = keeper
            return keeper
        }
    }
}
