import RedstreamConnection

/// Waits for a lock and acts under it: what consumers, delayers and trimmers have in common.
struct Standby: Sendable {
    let client: StreamClient
    let lock: LockName
    /// The name that CLIENT LIST shows for the waiting connection.
    let clientName: String
    let stop: StopSignal
    /// The tries of the service; nil for work that is tried once.
    var retries: Retries?
    /// One value for all tries: where the reply to one was lost, the next finds the lock its own.
    private(set) var holder = HolderIdentity.make()

    /// Runs `body` under the lock if it is free now.
    ///
    /// - Returns: The result of `body`.
    /// - Throws: ``RedstreamError/lockHeld(by:)``; ``RedstreamError/leaseLost``, with `body` cancelled.
    func once<Value: Sendable>(_ body: @escaping @Sendable (Lease) async throws -> Value) async throws -> Value {
        switch try await acquire() {
        case .held(let holder): throw RedstreamError.lockHeld(by: holder)
        case .acquired(let lease): return try await client.leases.whileHeld(lease, body)
        }
    }

    /// Waits for the lock as long as it takes, then runs `body` under it; nil where a stop came first.
    func waiting<Value: Sendable>(
        onHeld: @Sendable (String) -> Void = { _ in },
        _ body: @escaping @Sendable (Lease) async throws -> Value
    ) async throws -> Value? {
        var told: String?
        while !stop.isStopping {
            try Task.checkCancellation()
            switch try await acquire() {
            case .acquired(let lease): return try await client.leases.whileHeld(lease, body)
            case .held(let holder):
                if told != holder { onHeld(holder) }
                told = holder
                try await waitForRelease()
            }
        }
        return nil
    }

    /// Runs work under the lock, and takes another holder's value if its lease was lost.
    ///
    /// A late command of the lost lease must not match the new holder's value.
    ///
    /// - Returns: The result of `body`; nil if the lease was lost.
    mutating func renewingHolder<Value>(
        onLost: () -> Void, _ body: (Standby) async throws -> Value
    ) async throws -> Value? {
        do {
            return try await body(self)
        } catch RedstreamError.leaseLost {
            onLost()
            holder = HolderIdentity.make()
            return nil
        }
    }

    private func acquire() async throws -> Acquisition {
        retries?.tries(.lock)
        let acquisition = try await client.leases.acquire(lock, as: holder)
        retries?.succeeded(.lock)
        return acquisition
    }

    /// Returns when the lock may be free: it was released, or the time of its lease has passed.
    private func waitForRelease() async throws {
        retries?.tries(.standby)
        try await client.pool.withOwnConnection(name: clientName, for: lock.key) { connection in
            try await stop.wakeable(by: { connection.close() }) {
                do {
                    let left = try await connection.call("PTTL", lock.key).integer ?? 0
                    // Another process does the work; waiting for the lock counts as success.
                    retries?.succeeded()
                    let limit = Self.waitingTime(remainingLife: left)
                    var pipeline = RedisPipeline()
                    pipeline.append("BRPOP", lock.notifyKey, Self.seconds(limit))
                    _ = try await connection.executeChecked(pipeline, blocking: limit)
                } catch is RedisError where stop.isStopping && !Task.isCancelled {
                    // The connection was closed for the stop.
                }
            }
        }
    }

    /// Returns the time to wait for a lock with so many milliseconds to live, by PTTL: -2 it is gone, -1 it lives
    /// for ever, which only a stranger's lock does.
    ///
    /// An expiring lock wakes nobody, hence its remaining life; and BRPOP would take 0 for "for ever".
    static func waitingTime(remainingLife: Int) -> Duration {
        remainingLife == -1 ? LeaseRenewer.leaseTime : .milliseconds(max(remainingLife, 10))
    }

    /// A timeout as BRPOP takes it: seconds, with three decimals.
    static func seconds(_ duration: Duration) -> String {
        let milliseconds = duration.milliseconds
        let fraction = String(milliseconds % 1000)
        return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}
