import RedstreamConnection

/// Work that one process at a time does, under a lock.
struct LockedTask: Sendable {
    let lock: LockName
    /// The stream whose keys it works on.
    let stream: String
    /// The name of the worker for the log: `consumer indexer of products-3`.
    let title: String
    /// The log of a worker that tells of its own lock; nil if the share of several is logged.
    var notices: StandbyNotices?
    /// Waits, without the lock, after a handler that could not do anything.
    var waitForHandler: @Sendable (ClosureError, StopSignal) async throws -> Void = { error, _ in throw error }
    /// Works under the lock until a stop (false) or until there is nothing more to do (true).
    let serve: @Sendable (Lease, StopSignal, Retries) async throws -> Bool
}
