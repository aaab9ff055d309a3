import RedstreamConnection

/// Work that one process at a time does, under a lock.
struct LockedTask: Sendable {
    let lock: LockName
    /// The stream whose keys it works on.
    let stream: String
    /// The name of the worker for the log: `consumer indexer of products-3`.
    let title: String
    /// Waits, without the lock, after a handler that could not do anything.
    var waitForHandler: @Sendable (ClosureError, StopSignal) async throws -> Void = { error, _ in throw error
    }
    /// Works under the lock until a stop (false) or until there is nothing more to do (true).
    let serve: @Sendable (Lease, StopSignal, Retries) async throws -> Bool
}

extension Consumer {
    /// The consumer's work; its progress counts over all of its sessions.
    var lockedTask: LockedTask {
        let progress = ConsumerProgress()
        return LockedTask(
            lock: client.keys.lock(name), stream: name.stream, title: "consumer \(name.name) of \(name.stream)",
            waitForHandler: waitForHandler
        ) { lease, stop, retries in
            defer { options.limits.share?.settle(at: progress.handledCount) }
            return try await ConsumerSession(self, lease: lease, stop: stop, retries: retries, progress: progress).run()
        }
    }
}

extension Delayer {
    /// The delayer's work, which never ends by itself.
    var lockedTask: LockedTask {
        let name = ConsumerName.delayer(of: stream)
        return LockedTask(lock: client.keys.lock(name), stream: stream, title: "the delayer of \(stream)") {
            lease, stop, retries in
            try await serve(under: lease, until: stop, retries)
            return false
        }
    }
}
