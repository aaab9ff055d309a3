extension LeaseManager {
    /// Runs `body` for as long as a lease lasts, and gives the lock back on every way out.
    ///
    /// - Returns: The result of `body`.
    /// - Throws: ``RedstreamError/leaseLost``, with `body` cancelled; what `body` threw; `RedisError` where the user may
    ///   not give the lock back, which would hold up every standby.
    func whileHeld<Value: Sendable>(
        _ lease: Lease, _ body: @escaping @Sendable (Lease) async throws -> Value
    ) async throws -> Value {
        do {
            let value = try await withThrowingTaskGroup(of: Value.self) { group in
                group.addTask { try await body(lease) }
                group.addTask {
                    try await lease.untilLost()
                    throw RedstreamError.leaseLost
                }
                defer { group.cancelAll() }
                guard let value = try await group.next() else { throw CancellationError() }
                return value
            }
            if let denial = await release(lease) { throw denial }
            return value
        } catch {
            await release(lease)
            throw error
        }
    }
}
