import Synchronization

/// The right to act under a lock, for as long as it is renewed.
///
/// It is valid by this process's own clock, counted from before the renewal was sent: while it is, nobody else
/// can hold the lock. Whether it still is when a command arrives, only the server knows; hence every change is
/// fenced by ``holder`` there.
final class Lease: Sendable {
    private struct State {
        var validUntil: ContinuousClock.Instant
        var end: End?
        var watcher: CheckedContinuation<Void, Never>?
    }

    enum End {
        case lost
        case released
    }

    let lock: LockName
    /// The value of the lock's key while the lease is ours.
    let holder: String
    private let state: Mutex<State>

    init(lock: LockName, holder: String, validUntil: ContinuousClock.Instant) {
        self.lock = lock
        self.holder = holder
        state = Mutex(State(validUntil: validUntil))
    }

    /// Creates an ended lease for a try whose answer was lost: it is not known if the server granted it.
    convenience init(inDoubt lock: LockName, holder: String) {
        self.init(lock: lock, holder: holder, validUntil: .now.advanced(by: LeaseRenewer.leaseTime))
        end(.lost)
    }

    /// True if nobody else can hold the lock at this moment.
    var isValid: Bool {
        state.withLock { $0.end == nil && $0.validUntil > .now }
    }

    /// When the lease runs out if it is not renewed.
    var validUntil: ContinuousClock.Instant { state.withLock { $0.validUntil } }

    /// True if it ended, one way or the other.
    var hasEnded: Bool { state.withLock { $0.end != nil } }

    func renewed(until instant: ContinuousClock.Instant) {
        state.withLock { $0.validUntil = max($0.validUntil, instant) }
    }

    /// Ends the lease; the first end counts.
    func end(_ end: End) {
        let watcher = state.withLock { state in
            if state.end == nil { state.end = end }
            return state.watcher.take()
        }
        watcher?.resume()
    }

    /// Returns when the lease is lost.
    ///
    /// - Throws: `CancellationError` when the task was cancelled, or the lease was released, before that.
    func untilLost() async throws {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock {
                    if $0.end != nil || Task.isCancelled { return true }
                    $0.watcher = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.watcher.take() }?.resume()
        }
        guard state.withLock({ $0.end == .lost }) else { throw CancellationError() }
    }
}
