#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Runs closures one after the other on a thread of its own, where they may block.
///
/// A blocking call on Swift's cooperative pool would take a core away from every other task; on two cores, two
/// blocked connections would stop the program.
package final class WorkerThread: Sendable {
    private let queue: WorkQueue

    /// Starts the thread; it ends when this object has gone and what was enqueued has run.
    package init() {
        let queue = WorkQueue()
        self.queue = queue
        startThread { queue.runUntilClosed() }
    }

    deinit {
        queue.close()
    }

    /// Enqueues a closure; closures run in the order in which they came.
    package func enqueue(_ work: @escaping @Sendable () -> Void) {
        queue.append(work)
    }

    /// Enqueues a closure to run once some time has passed.
    package func enqueue(after delay: Duration, _ work: @escaping @Sendable () -> Void) {
        queue.append(work, at: .now.advanced(by: delay))
    }
}

/// Starts a detached thread.
private func startThread(_ body: @escaping @Sendable () -> Void) {
    final class Start: Sendable {
        let body: @Sendable () -> Void

        init(body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }

    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    defer { pthread_attr_destroy(&attributes) }
    #if canImport(Glibc)
    var thread = pthread_t()
    #else
    var thread: pthread_t?
    #endif
    let argument = Unmanaged.passRetained(Start(body: body)).toOpaque()
    let status = pthread_create(
        &thread, &attributes,
        { argument in
            #if canImport(Glibc)
            guard let argument else { return nil }
            #endif
            let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
            start.body()
            return nil
        }, argument)
    precondition(status == 0, "the system refuses another thread: \(String(cString: strerror(status)))")
}

/// Runs the jobs of an actor on a ``WorkerThread``.
final class ThreadExecutor: SerialExecutor {
    private let thread = WorkerThread()

    func enqueue(_ job: UnownedJob) {
        thread.enqueue { [self] in job.runSynchronously(on: asUnownedSerialExecutor()) }
    }
}
