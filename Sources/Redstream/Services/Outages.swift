import RedisClient
import Synchronization

/// Which services of a client miss their server at the moment, and what was said about it.
final class Outages: Sendable {
    private struct State {
        var missing: Set<ObjectIdentifier> = []
        var since = ContinuousClock.now
        var told: [AwaitedState] = []
    }

    private let state = Mutex(State())

    /// Notes that a service waits for its server.
    ///
    /// - Returns: Whether to say so: for the first service, and where it has come to what somebody has to mend.
    func waits(_ service: ObjectIdentifier, for recovery: AwaitedState) -> Bool {
        state.withLock { state in
            if state.missing.isEmpty {
                state.since = .now
                state.told = []
            }
            state.missing.insert(service)
            guard state.told.isEmpty || recovery.needsOperator && !state.told.contains(recovery) else { return false }
            state.told.append(recovery)
            return true
        }
    }

    /// Notes that a service misses its server no more.
    ///
    /// - Returns: What was told last, and how long ago it began, for the last service; nil for the others.
    func ended(for service: ObjectIdentifier) -> (recovery: AwaitedState, time: Duration)? {
        state.withLock { state in
            guard state.missing.remove(service) != nil, state.missing.isEmpty, let last = state.told.last else {
                return nil
            }
            return (last, state.since.duration(to: .now))
        }
    }
}
