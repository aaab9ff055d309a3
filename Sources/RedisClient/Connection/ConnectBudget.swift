import Synchronization

/// Bounds how long connecting goes on in vain, for work that is tried again for a limited time.
///
/// A connection that is opened in a task where it is ``current`` takes no longer than what is left of the time, whatever
/// the configuration's `connectTimeout` allows. The time counts from the first try in vain, and not from the beginning of
/// work that may have gone well for hours.
package final class ConnectBudget: Sendable {
    /// What bounds the connections that this task opens; nil where nothing does.
    @TaskLocal package static var current: ConnectBudget?

    /// What a try is given at least: less would give up on a server that is there, and far away.
    private static let least = Duration.seconds(1)

    private struct State {
        /// Since when connecting is in vain; nil where the last try succeeded.
        var connectingSince: ContinuousClock.Instant?
        /// Since when the work fails.
        var failingSince: ContinuousClock.Instant?
    }

    private let limit: Duration
    private let state = Mutex(State())

    /// Does what is no part of the work that is tried again: what the handler of a user connects to has its own time.
    package static func lifted<Value>(_ body: () async throws -> Value) async rethrows -> Value {
        try await $current.withValue(nil, operation: body)
    }

    /// Creates a budget; nil without a limit, and where nothing is tried again, for then one try is all there is.
    package init?(_ limit: Duration?) {
        guard let limit, limit > .zero else { return nil }
        self.limit = limit
    }

    /// Notes that the work has failed.
    ///
    /// - Returns: Since when it fails: since its server was first connected to in vain, where that is why.
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

    /// How long a connection may take that is opened now.
    func timeout(atMost configured: Duration) -> Duration {
        guard let since = state.withLock({ $0.failingSince ?? $0.connectingSince }) else {
            return min(configured, max(limit, Self.least))
        }
        return min(configured, max(limit - since.duration(to: .now), Self.least))
    }

    /// Notes how a try to connect has ended that began at a moment.
    func noteConnecting(since began: ContinuousClock.Instant, wasInVain: Bool) {
        state.withLock { state in
            state.connectingSince = wasInVain ? state.connectingSince ?? began : nil
        }
    }
}
