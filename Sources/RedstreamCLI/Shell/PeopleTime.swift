import Synchronization

/// Adds up the time in which a command waited for whoever sits there: at a question, or in the pager.
final class PeopleTime: Sendable {
    private let total = Mutex(Duration.zero)

    /// Counts the time that a closure takes.
    func waits<Value>(for body: () async throws -> Value) async rethrows -> Value {
        let began = ContinuousClock.now
        defer { total.withLock { $0 += began.duration(to: .now) } }
        return try await body()
    }

    /// The time since it was last asked for.
    func take() -> Duration {
        total.withLock { total in
            defer { total = .zero }
            return total
        }
    }
}
