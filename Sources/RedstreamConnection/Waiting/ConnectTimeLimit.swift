import Synchronization

/// Bounds how long connecting may go on without success, for work that is retried for a limited time.
///
/// A connection that is opened in a task where it is ``current`` takes no longer than what is left of the time, even if
/// the configuration's `connectTimeout` allows more. The time counts from the first failed attempt, not from the beginning
/// of work that may have gone well for hours.
package final class ConnectTimeLimit: Sendable {
    /// The limit of connections that this task opens; nil for none.
    @TaskLocal package static var current: ConnectTimeLimit?

    /// The least time of an attempt: less would give up on a server that is only far away.
    private static let least = Duration.seconds(1)

    private struct State {
        /// The beginning of the first failed attempt to connect; nil if the last one succeeded.
        var connectingSince: ContinuousClock.Instant?
        /// The moment since which the work fails.
        var failingSince: ContinuousClock.Instant?
    }

    private let limit: Duration
    private let state = Mutex(State())

    /// Runs user code without the limit, and without the stop, so that connections it opens are not cut short.
    package static func withoutLimit<Value>(_ body: () async throws -> Value) async rethrows -> Value {
        try await $current.withValue(nil) { try await StopSignal.$current.withValue(nil, operation: body) }
    }

    /// Creates a limit; nil without a duration, and for zero, which allows one attempt.
    package init?(_ limit: Duration?) {
        guard let limit, limit > .zero else { return nil }
        self.limit = limit
    }

    /// Notes that the work has failed.
    ///
    /// - Returns: Since when it fails: since the first failed attempt to connect, if that is why.
    package func failed() -> ContinuousClock.Instant {
        state.withLock { state in
            let since = state.failingSince ?? state.connectingSince ?? .now
            state.failingSince = since
            return since
        }
    }

    /// Notes that the work goes on.
    package func succeeded() {
        state.withLock { $0 = State() }
    }

    /// Returns how long a connection may take that is opened now.
    func timeout(atMost configured: Duration) -> Duration {
        guard let since = state.withLock({ $0.failingSince ?? $0.connectingSince }) else {
            return min(configured, max(limit, Self.least))
        }
        return min(configured, max(limit - since.duration(to: .now), Self.least))
    }

    /// Notes the result of an attempt to connect.
    func noteConnecting(since began: ContinuousClock.Instant, hasFailed: Bool) {
        state.withLock { state in
            state.connectingSince = hasFailed ? state.connectingSince ?? began : nil
        }
    }
}
