import RedstreamSystem
import ServiceLifecycle
import Synchronization

/// Tells a service to finish what it holds and to take up nothing new.
///
/// Waiting for work ends at once; work in hand is not cancelled.
final class StopSignal: Sendable {
    private struct State {
        var isStopping = false
        var wakers: [Int: @Sendable () -> Void] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    /// Runs the work of a service with a signal that a graceful shutdown gives.
    ///
    /// - Throws: What `work` throws; the error of a closure of the application as the closure threw it.
    static func untilShutdown<Value>(_ work: (StopSignal) async throws -> Value) async throws -> Value {
        let stop = StopSignal()
        return try await withGracefulShutdownHandler {
            try await ClosureError.unwrapping { try await work(stop) }
        } onGracefulShutdown: {
            stop.stop()
        }
    }

    /// Whether ``stop()`` was called.
    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Asks for a stop and ends all waiting.
    func stop() {
        let wakers = state.withLock {
            $0.isStopping = true
            return $0.wakers.values
        }
        for wake in wakers { wake() }
    }

    /// Runs a wait that `wake` ends early; `wake` is called at once where a stop was asked for already.
    func wakeable<Value>(by wake: @escaping @Sendable () -> Void, _ wait: () async throws -> Value) async rethrows
        -> Value
    {
        let number = state.withLock {
            $0.next += 1
            $0.wakers[$0.next] = wake
            return $0.next
        }
        defer { state.withLock { _ = $0.wakers.removeValue(forKey: number) } }
        if isStopping { wake() }
        return try await wait()
    }

    /// Sleeps, or returns early when a stop is asked for.
    ///
    /// - Throws: `CancellationError`.
    func sleep(for duration: Duration) async throws {
        let (alarm, wake) = AsyncStream<Void>.makeStream()
        try await wakeable(by: { wake.finish() }) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await Timer.sleep(for: duration) }
                group.addTask { for await _ in alarm {} }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
        try Task.checkCancellation()
    }
}
