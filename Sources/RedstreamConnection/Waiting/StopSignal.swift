import RedstreamSystem
import Synchronization

/// Tells a service to finish the work in hand and to begin nothing new.
///
/// Waiting for work ends at once, and so does opening a connection; work in hand is not cancelled.
package final class StopSignal: Sendable {
    /// The stop that ends the opening of connections in this task; nil for none.
    @TaskLocal package static var current: StopSignal?

    private struct State {
        var isStopping = false
        var wakers: [Int: @Sendable () -> Void] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    /// Creates a signal that nobody has given yet.
    package init() {}

    /// True if ``stop()`` was called.
    package var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Asks for a stop and ends all waiting.
    package func stop() {
        let wakers = state.withLock {
            $0.isStopping = true
            return $0.wakers.values
        }
        for wake in wakers { wake() }
    }

    /// Runs a wait that `wake` ends early; calls `wake` at once if a stop was asked for before.
    package func wakeable<Value>(
        by wake: @escaping @Sendable () -> Void, _ wait: () async throws -> Value
    ) async rethrows -> Value {
        let number = register(wake)
        defer { if let number { forget(number) } }
        if number == nil { wake() }
        return try await wait()
    }

    /// Runs a closure with a signal that is given with this one or with another, whichever comes first.
    package func orStop<Value>(
        _ other: StopSignal, _ body: (StopSignal) async throws -> Value
    ) async rethrows -> Value {
        let either = StopSignal()
        return try await wakeable(by: { either.stop() }) {
            try await other.wakeable(by: { either.stop() }) { try await body(either) }
        }
    }

    /// Sleeps, or returns early when a stop is asked for.
    ///
    /// - Throws: `CancellationError`.
    package func sleep(for duration: Duration) async throws {
        do {
            try await cancelling { try await Timer.sleep(for: duration) }
        } catch {
            try Task.checkCancellation()
        }
    }

    /// Sleeps before the next attempt to connect; a stop of this task ends that.
    ///
    /// - Throws: `CancellationError`, also if the stop came before.
    package static func pause(for duration: Duration) async throws {
        guard let current else { return try await Timer.sleep(for: duration) }
        try await current.cancelling { try await Timer.sleep(for: duration) }
    }

    /// Runs work that a stop cancels.
    ///
    /// - Returns: The result of the work.
    /// - Throws: The error of the work; `CancellationError` after a stop, or if the task was cancelled.
    package func cancelling<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let (alarm, wake) = AsyncStream<Void>.makeStream()
        return try await wakeable(by: { wake.finish() }) {
            try await firstResult(of: [
                work,
                {
                    for await _ in alarm {}
                    throw CancellationError()
                },
            ])
        }
    }

    /// Waits for something that is needed to go on; a stop that comes meanwhile ends that by calling `interrupt`.
    ///
    /// A wait that begins after the stop is left alone: the work in hand needs it to finish.
    package static func interrupting<Value>(
        by interrupt: @escaping @Sendable () -> Void, _ wait: () async throws -> Value
    ) async rethrows -> Value {
        guard let current, let number = current.register(interrupt) else { return try await wait() }
        defer { current.forget(number) }
        return try await wait()
    }

    /// Opens a connection, as ``interrupting(by:_:)`` does for code that suspends.
    static func interrupting<Value>(
        by interrupt: @escaping @Sendable () -> Void, _ open: () throws(RedisError) -> Value
    ) throws(RedisError) -> Value {
        guard let current, let number = current.register(interrupt) else { return try open() }
        defer { current.forget(number) }
        return try open()
    }

    /// Runs work that waits for a connection; a stop that comes meanwhile cancels it.
    ///
    /// Work that begins after the stop is left alone.
    static func interrupting<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard let current, !current.isStopping else { return try await work() }
        return try await current.cancelling(work)
    }

    /// Registers a waker; nil if a stop was asked for before.
    private func register(_ wake: @escaping @Sendable () -> Void) -> Int? {
        state.withLock {
            guard !$0.isStopping else { return nil }
            $0.next += 1
            $0.wakers[$0.next] = wake
            return $0.next
        }
    }

    private func forget(_ number: Int) {
        state.withLock { _ = $0.wakers.removeValue(forKey: number) }
    }
}
