import RedstreamSystem

/// Runs the jobs of an actor on a thread of its own.
final class ThreadExecutor: SerialExecutor {
    private let thread = WorkerThread()

    /// Starts the thread: a job cannot be refused.
    ///
    /// - Throws: `SystemError` if the system refuses the thread.
    init() throws(SystemError) {
        // Waiting for another try must not fail, so that the clock is there first.
        try Timer.start()
        try thread.start()
    }

    func enqueue(_ job: UnownedJob) {
        // The thread runs, so that nothing is refused.
        try? thread.enqueue { [self] in job.runSynchronously(on: asUnownedSerialExecutor()) }
    }
}
