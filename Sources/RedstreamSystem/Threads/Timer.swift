/// Time that passes, on one thread for all.
///
/// `Task.sleep` opens a descriptor when it is first used, and never ends if there is none.
package enum Timer {
    private static let thread = WorkerThread()

    /// Starts the thread, so that no sleep can fail later.
    ///
    /// - Throws: ``SystemError`` if the system refuses the thread.
    package static func start() throws(SystemError) {
        try thread.start()
    }

    /// Runs a closure that does not block, once some time has passed.
    ///
    /// - Throws: ``SystemError`` if the system refuses the thread; the closure is dropped.
    package static func after(_ delay: Duration, _ work: @escaping @Sendable () -> Void) throws(SystemError) {
        try thread.enqueue(after: delay, work)
    }

    /// Sleeps until a moment.
    ///
    /// - Throws: `CancellationError`, at once when the task is cancelled.
    package static func sleep(until deadline: ContinuousClock.Instant) async throws {
        try await sleep(for: ContinuousClock.now.duration(to: deadline))
    }

    /// Sleeps for a while.
    ///
    /// - Throws: `CancellationError`, at once when the task is cancelled.
    package static func sleep(for duration: Duration) async throws {
        let departure = Departure<Void>()
        guard let number = try? thread.enqueue(after: duration, { _ = departure.end(with: .success(())) }) else {
            // Without a thread of ours, those of the runtime may have room.
            return try await Task.sleep(for: duration)
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { departure.begin($0) }
        } onCancel: {
            thread.drop(number)
            departure.leave(throwing: CancellationError())
        }
        try Task.checkCancellation()
    }
}
