import Synchronization

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
        let sleeper = Sleeper()
        guard let number = try? thread.schedule(after: duration, { sleeper.wake() }) else {
            // Without a thread of ours, those of the runtime may have room.
            return try await Task.sleep(for: duration)
        }
        await withTaskCancellationHandler {
            await sleeper.sleep()
        } onCancel: {
            thread.drop(number)
            sleeper.wake()
        }
        try Task.checkCancellation()
    }
}

/// One task that sleeps until it is woken.
private final class Sleeper: Sendable {
    private enum State {
        case fresh
        case asleep(CheckedContinuation<Void, Never>)
        case awake
    }

    private let state = Mutex(State.fresh)

    func sleep() async {
        await withCheckedContinuation { continuation in
            let isAwake = state.withLock { state in
                if case .awake = state { return true }
                state = .asleep(continuation)
                return false
            }
            if isAwake { continuation.resume() }
        }
    }

    func wake() {
        let sleeping: CheckedContinuation<Void, Never>? = state.withLock { state in
            defer { state = .awake }
            return if case .asleep(let continuation) = state { continuation } else { nil }
        }
        sleeping?.resume()
    }
}
