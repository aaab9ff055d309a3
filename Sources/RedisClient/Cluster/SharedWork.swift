import Dispatch
import RedstreamSystem
import Synchronization

/// Work that blocks, done on a thread of its own, once for all who want its result at the same time.
///
/// Whoever comes while it is under way is given what it leads to.
final class SharedWork<Value: Sendable>: Sendable {
    typealias Outcome = Result<Value, RedisError>
    typealias Work = @Sendable () -> Outcome

    /// Who waits for the work that is under way; nil where none is.
    private let waiters = Mutex<[@Sendable (Outcome) -> Void]?>(nil)
    private let thread = WorkerThread()
    private let failure: @Sendable (SystemError) -> RedisError

    /// Creates work that nobody has asked for.
    ///
    /// - Parameter failure: Makes the outcome if the system refuses the thread.
    init(failure: @escaping @Sendable (SystemError) -> RedisError) {
        self.failure = failure
    }

    /// Does the work, and suspends until it is done.
    ///
    /// - Returns: What it led to; nil where the time was up, or the task was cancelled, first.
    func outcome(of work: @escaping Work, within limit: Duration) async -> Outcome? {
        // Iterating ends with the task, so that whoever is cancelled leaves.
        let (outcomes, outcome) = AsyncStream<Outcome>.makeStream(bufferingPolicy: .bufferingOldest(1))
        join(work) {
            outcome.yield($0)
            outcome.finish()
        }
        return await withTaskGroup(of: Outcome?.self) { group in
            group.addTask { await outcomes.first { _ in true } }
            group.addTask {
                try? await Timer.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    /// Does the work, and blocks until it is done.
    ///
    /// - Returns: What it led to; nil where the time was up first.
    func outcome(of work: @escaping Work, by deadline: Deadline) -> Outcome? {
        let mailbox = Mailbox<Outcome>()
        join(work) { mailbox.put($0) }
        return mailbox.wait(by: deadline)
    }

    /// Does the work some time from now, and tells nobody.
    func schedule(after delay: Duration, _ work: @escaping Work) {
        // Without a thread it is not done: the next one who needs its result does it.
        try? thread.enqueue(after: delay) { [weak self] in self?.join(work) { _ in } }
    }

    private func join(_ work: @escaping Work, _ waiter: @escaping @Sendable (Outcome) -> Void) {
        let isFirst = waiters.withLock { waiters in
            defer { waiters = (waiters ?? []) + [waiter] }
            return waiters == nil
        }
        guard isFirst else { return }
        do {
            try thread.enqueue { self.finish(work()) }
        } catch {
            finish(.failure(failure(error)))
        }
    }

    private func finish(_ outcome: Outcome) {
        for waiter in waiters.withLock({ $0.take() ?? [] }) { waiter(outcome) }
    }
}

/// What one who blocks is told.
private final class Mailbox<Content: Sendable>: Sendable {
    private let content = Mutex<Content?>(nil)
    private let isThere = DispatchSemaphore(value: 0)

    func put(_ new: Content) {
        content.withLock { $0 = new }
        isThere.signal()
    }

    /// What has come; nil where nothing has in time.
    func wait(by deadline: Deadline) -> Content? {
        _ = isThere.wait(timeout: .now() + .milliseconds(Int(deadline.pollTimeout)))
        return content.withLock { $0 }
    }
}
