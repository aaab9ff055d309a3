import RedstreamSystem
import Synchronization
import TestSupport

/// Runs tasks on a thread of its own, and tells when none of them can go on by itself.
///
/// A task that has begun and is quiet waits for something: a test that knows for what need not guess how long it takes to
/// get there. What the task has actors do is not seen.
final class WatchedExecutor: TaskExecutor {
    private let thread = WorkerThread()
    /// Jobs that were given here and have not ended.
    private let unfinished = Mutex(0)

    func enqueue(_ job: consuming ExecutorJob) {
        unfinished.withLock { $0 += 1 }
        let job = UnownedJob(job)
        // Tests have threads enough.
        try? thread.enqueue { [self] in
            job.runSynchronously(on: asUnownedTaskExecutor())
            unfinished.withLock { $0 -= 1 }
        }
    }

    /// Waits until every task that was started here waits, or has ended.
    func untilQuiet() async throws {
        try await eventually("every task waits") { unfinished.withLock { $0 } == 0 }
    }
}
