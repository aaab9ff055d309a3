import Synchronization

/// Runs closures one after the other on a thread of its own, where they may block.
///
/// A blocking call on Swift's cooperative pool would take a core away from every other task; on two cores, two
/// blocked connections would stop the program.
package final class WorkerThread: Sendable {
    private let queue = WorkQueue()
    private let isStarted = Mutex(false)

    /// Prepares a thread, which starts with the first closure.
    ///
    /// It ends when this object has gone and what was enqueued has run.
    package init() {}

    deinit {
        queue.close()
    }

    /// Starts the thread, unless it runs already: closures are never refused from then on.
    ///
    /// - Throws: ``SystemError`` if the system refuses the thread; the next call tries again.
    package func start() throws(SystemError) {
        try isStarted.withLock { isStarted throws(SystemError) in
            if isStarted { return }
            let queue = queue
            try startThread { queue.runUntilClosed() }
            isStarted = true
        }
    }

    /// Enqueues a closure; closures run in the order in which they came.
    ///
    /// - Throws: ``SystemError`` if the system refuses the thread; the closure is dropped.
    package func enqueue(_ work: @escaping @Sendable () -> Void) throws(SystemError) {
        try start()
        queue.append(work)
    }

    /// Enqueues a closure to run once some time has passed.
    ///
    /// - Returns: The number to ``drop(_:)`` it by.
    /// - Throws: ``SystemError`` if the system refuses the thread; the closure is dropped.
    @discardableResult
    package func enqueue(
        after delay: Duration, _ work: @escaping @Sendable () -> Void
    ) throws(SystemError) -> Int {
        try start()
        return queue.append(work, at: .now.advanced(by: delay))
    }

    /// Drops a closure that is not due yet.
    func drop(_ number: Int) {
        queue.drop(number)
    }

    /// Runs a closure on the thread, and waits for its result; a caller that leaves does not wait.
    ///
    /// - Parameters:
    ///   - body: The closure.
    ///   - departure: The caller's way to leave.
    ///   - unclaimed: Is given the result, on the thread, if the caller has left before it was there.
    /// - Returns: The result of `body`.
    /// - Throws: ``SystemError`` if the system refuses the thread; what `body` throws; the error that the caller left with.
    package func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value, leaving departure: Departure<Value>,
        unclaimed: @escaping @Sendable (Value) -> Void
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            departure.begin(continuation)
            do {
                try enqueue {
                    let outcome = Result { try body() }
                    if !departure.end(with: outcome), case .success(let value) = outcome { unclaimed(value) }
                }
            } catch {
                _ = departure.end(with: .failure(error))
            }
        }
    }

    /// Runs a closure on the thread, and waits for its result.
    ///
    /// - Throws: ``SystemError`` if the system refuses the thread; what `body` throws.
    package func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await run(body, leaving: Departure()) { _ in }
    }
}
