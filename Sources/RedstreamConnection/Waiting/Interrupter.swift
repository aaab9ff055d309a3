import Dispatch
import RedstreamSystem
import Synchronization

/// Ends the waiting of one connection from any thread, for good: to connect, to resolve a name, to read or to write.
///
/// A connection may have several sockets, one after the other or at once, as it follows its key through a cluster.
/// A descriptor is known here only while it is open: a number that was closed may be another file by now.
final class Interrupter: Sendable {
    private struct State {
        var descriptors: Set<Int32> = []
        var wakers: [Int: @Sendable () -> Void] = [:]
        var nextWaker = 0
        var wasInterrupted = false
    }

    private let state = Mutex(State())

    /// Registers a socket; shuts it down at once after ``interrupt()``.
    func add(_ descriptor: Int32) {
        state.withLock {
            $0.descriptors.insert(descriptor)
            if $0.wasInterrupted { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    /// Forgets a socket; called right before it is closed or handed to another owner.
    func forget(_ descriptor: Int32) {
        state.withLock { _ = $0.descriptors.remove(descriptor) }
    }

    /// True if ``interrupt()`` was called.
    var wasInterrupted: Bool { state.withLock { $0.wasInterrupted } }

    /// Runs a wait that ``interrupt()`` ends by calling `wake`, also if it was called before.
    func waking<Value, Failure>(
        by wake: @escaping @Sendable () -> Void, _ wait: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let (number, isLate) = state.withLock {
            $0.nextWaker += 1
            $0.wakers[$0.nextWaker] = wake
            return ($0.nextWaker, $0.wasInterrupted)
        }
        defer { state.withLock { _ = $0.wakers.removeValue(forKey: number) } }
        if isLate { wake() }
        return try wait()
    }

    /// Sleeps, or returns early when the connection is interrupted.
    func sleep(for duration: Duration) {
        let semaphore = DispatchSemaphore(value: 0)
        waking(by: { semaphore.signal() }) {
            _ = semaphore.wait(timeout: .now() + .milliseconds(Int(Deadline(in: duration).pollTimeout)))
        }
    }

    /// Shuts the sockets down and ends all waiting.
    ///
    /// On Linux and Darwin, shutdown(2) also wakes poll(2) on a socket that is still connecting.
    func interrupt() {
        let wakers = state.withLock {
            $0.wasInterrupted = true
            for descriptor in $0.descriptors { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
            return $0.wakers.values
        }
        for wake in wakers { wake() }
    }
}
