import RedstreamSystem
import Synchronization

/// The process group of a command, which may take too long.
final class CommandGroup: Sendable {
    private struct State {
        var leader: pid_t?
        var hasTimedOut = false
    }

    /// How long a command may take to end by itself once it was asked to.
    static let patience = Duration.seconds(2)

    private let state = Mutex(State())

    /// Whether the time was up.
    var hasTimedOut: Bool { state.withLock { $0.hasTimedOut } }

    func began(_ leader: pid_t) {
        state.withLock { $0.leader = leader }
    }

    /// Takes note that the leader has ended; what it started is killed where the time was up.
    func ended() {
        state.withLock { state in
            if state.hasTimedOut, let leader = state.leader { kill(-leader, SIGKILL) }
            state.leader = nil
        }
    }

    /// Waits until the time is up, asks the group to end, and kills it when it does not.
    ///
    /// - Throws: `CancellationError`, as soon as it is not needed any more.
    func end(after timeout: Duration) async throws {
        try await Task.sleep(for: timeout)
        signal(SIGTERM)
        try await Task.sleep(for: Self.patience)
        signal(SIGKILL)
    }

    private func signal(_ number: Int32) {
        state.withLock { state in
            guard let leader = state.leader else { return }
            state.hasTimedOut = true
            kill(-leader, number)
        }
    }
}
