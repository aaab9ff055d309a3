import Dispatch
import RedstreamSystem
import Synchronization

/// Work that blocks, done once for all callers that want its result at the same time.
///
/// The work runs on a thread of its own. A caller that comes while it is under way gets its result. A caller whose time is
/// up, or that is interrupted, leaves; the work goes on.
final class SingleFlight<Value: Sendable>: Sendable {
    typealias Work = @Sendable () -> Value

    private typealias Outcome = Result<Value, SystemError>

    /// The callers that wait for the work under way; nil if none is.
    private let waiters = Mutex<[@Sendable (Outcome) -> Void]?>(nil)

    /// Waits for the result, and suspends.
    ///
    /// - Returns: The result; nil if the time was up, or the task was cancelled, first.
    /// - Throws: `SystemError` if the system refuses the thread.
    func value(within limit: Duration, of work: @escaping Work) async throws(SystemError) -> Value? {
        // Iterating ends when the task is cancelled.
        let (outcomes, outcome) = AsyncStream<Outcome>.makeStream(bufferingPolicy: .bufferingOldest(1))
        join(work) {
            outcome.yield($0)
            outcome.finish()
        }
        let first: Outcome? = try? await firstResult(of: [
            { await outcomes.first { _ in true } },
            {
                try await Timer.sleep(for: limit)
                return nil
            },
        ])
        return try first?.get()
    }

    /// Waits for the result, and blocks.
    ///
    /// - Returns: The result; nil if the time was up, or the wait was interrupted, first.
    /// - Throws: `SystemError` if the system refuses the thread.
    func value(
        by deadline: Deadline, interrupter: Interrupter, of work: @escaping Work
    ) throws(SystemError) -> Value? {
        let content = Content<Outcome>()
        join(work) { content.put($0) }
        return try interrupter.waking(by: { content.wake() }, { content.wait(by: deadline) })?.get()
    }

    /// Starts the work some time from now, for no caller.
    func start(after delay: Duration, _ work: @escaping Work) {
        // If the system refuses the thread, the next caller starts the work.
        try? Timer.after(delay) { self.join(work) { _ in } }
    }

    private func join(_ work: @escaping Work, _ waiter: @escaping @Sendable (Outcome) -> Void) {
        let isFirst = waiters.withLock { waiters in
            defer { waiters = (waiters ?? []) + [waiter] }
            return waiters == nil
        }
        guard isFirst else { return }
        do {
            try startThread { self.finish(.success(work())) }
        } catch {
            finish(.failure(error))
        }
    }

    private func finish(_ outcome: Outcome) {
        for waiter in waiters.withLock({ $0.take() ?? [] }) { waiter(outcome) }
    }
}

/// A value for one thread that blocks until it is there.
private final class Content<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    private let semaphore = DispatchSemaphore(value: 0)

    func put(_ new: Value) {
        value.withLock { $0 = new }
        semaphore.signal()
    }

    /// Ends the wait without a value.
    func wake() {
        semaphore.signal()
    }

    func wait(by deadline: Deadline) -> Value? {
        _ = semaphore.wait(timeout: .now() + .milliseconds(Int(deadline.pollTimeout)))
        return value.withLock { $0 }
    }
}
