import RedstreamConnection
import RedstreamSystem

// Work under locks, once: what seek, forget, single passes and the coordinator have in common.
extension StreamClient {
    /// Takes all of some locks, runs work under them, and gives them back; it takes none if another process has one.
    ///
    /// - Parameters:
    ///   - locks: The locks.
    ///   - heldError: Makes the error for a lock that is held, by its place and its holder; nil to pass over the lock.
    ///   - body: The work; it is given the leases in the order of the locks, without those that were passed over.
    /// - Returns: The result of `body`.
    /// - Throws: The error of `heldError`; as ``whileHeld(_:_:)``.
    func withLocks<Value: Sendable>(
        _ locks: [LockName],
        orThrow heldError: (_ index: Int, _ holder: String) -> RedstreamError? = { .lockHeld(by: $1) },
        _ body: @escaping @Sendable ([Lease]) async throws -> Value
    ) async throws -> Value {
        var held: [Lease] = []
        do {
            for (index, lock) in locks.enumerated() {
                switch try await leases.acquire(lock) {
                case .acquired(let lease): held.append(lease)
                case .held(let other): if let error = heldError(index, other) { throw error }
                }
            }
        } catch {
            for lease in held { await leases.release(lease) }
            throw error
        }
        let taken = held
        return try await whileHeld(taken) { try await body(taken) }
    }

    /// Takes a lock, or throws that it is held, and runs work under it.
    func withLock<Value: Sendable>(
        _ lock: LockName, _ body: @escaping @Sendable (Lease) async throws -> Value
    ) async throws -> Value {
        try await withLocks([lock]) { try await body($0[0]) }
    }

    /// Waits for a lock as long as it takes, then runs work under it.
    ///
    /// - Parameters:
    ///   - lock: The lock.
    ///   - clientName: The name that CLIENT LIST shows for the waiting connection.
    ///   - stop: Ends the wait.
    ///   - notices: Logs the wait.
    ///   - body: The work.
    /// - Returns: The result of `body`; nil if a stop came first.
    /// - Throws: `RedisError`; as ``whileHeld(_:_:)``.
    func awaitingLock<Value: Sendable>(
        _ lock: LockName, clientName: String, until stop: StopSignal, notices: StandbyNotices? = nil,
        _ body: @escaping @Sendable (Lease) async throws -> Value
    ) async throws -> Value? {
        let table = LockTable(of: self)
        let index = table.add(lock)
        let acquirer = LockAcquirer(client: self, clientName: clientName, table: table, waits: true)
        try await acquirer.attend(at: table.slot(of: lock), until: stop) { news in
            if case .waits(let held) = news, let holder = held.first?.holder { notices?.standsBy(heldBy: holder) }
        }
        guard let lease = table.lease(at: index) else { return nil }
        return try await whileHeld([lease]) { try await body(lease) }
    }

    /// Runs work for as long as all of some leases last, and gives the locks back on every way out.
    ///
    /// - Returns: The result of `body`.
    /// - Throws: ``RedstreamError/leaseLost``, with `body` cancelled; what `body` threw; `RedisError` where the user may
    ///   not give a lock back, which would hold up every standby.
    func whileHeld<Value: Sendable>(
        _ held: [Lease], _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        var works: [@Sendable () async throws -> Value] = [body]
        for lease in held {
            works.append {
                try await lease.untilLost()
                throw RedstreamError.leaseLost
            }
        }
        do {
            let value = try await firstResult(of: works)
            var denial: RedisError?
            for lease in held { denial = await leases.release(lease) ?? denial }
            if let denial { throw denial }
            return value
        } catch {
            for lease in held { await leases.release(lease) }
            throw error
        }
    }
}
