import Logging
import Synchronization

/// The plan of a running coordinator, and the leases that it holds.
final class LockCoordinatorState: Sendable {
    private let state: Mutex<(plan: LockAssignment, leases: [Int: Lease], told: String?)>
    private let identity = Mutex(HolderIdentity.make())
    /// The number of locks that are being taken at this moment, of those that there is room for.
    private let reserved = Mutex(0)

    init(_ plan: LockAssignment) {
        state = Mutex((plan, [:], nil))
    }

    /// One value for all tries: where the reply to one was lost, the next finds the lock its own.
    var holder: String { identity.withLock { $0 } }

    /// Takes another value after a lock was lost: what is still under way from before must not pass for ours.
    func renewHolder() {
        identity.withLock { $0 = HolderIdentity.make() }
    }

    /// The plan as it is now.
    var plan: LockAssignment { state.withLock { $0.plan } }

    /// Takes a lock if there is room for it: whoever takes others at the same moment is counted.
    ///
    /// - Returns: The result of `take`; nil where there was no room.
    func ifThereIsRoom<Value>(_ take: () async throws -> Value) async rethrows -> Value? {
        let isRoom = reserved.withLock { reserved in
            guard plan.room > reserved else { return false }
            reserved += 1
            return true
        }
        guard isRoom else { return nil }
        defer { reserved.withLock { $0 -= 1 } }
        return try await take()
    }

    /// Notes that a lock was taken.
    func took(_ lease: Lease, at index: Int) {
        state.withLock {
            $0.plan.note(.held, at: index)
            $0.leases[index] = lease
        }
    }

    /// The lease of a lock that is held.
    func lease(at index: Int) -> Lease? { state.withLock { $0.leases[index] } }

    /// Notes that a lock is not held any more, or never was.
    func note(_ new: LockAssignment.State, at index: Int) {
        state.withLock {
            $0.plan.note(new, at: index)
            $0.leases[index] = nil
        }
    }

    /// Every lease that is held.
    var leases: [Lease] { state.withLock { Array($0.leases.values) } }

    /// Says how large the share is, if that is news: that one process holds everything is none at the start.
    func tell(_ title: String, on logger: Logger, standsBy: Bool) {
        let news: String? = state.withLock { state in
            let share = state.plan.shareText(standsBy: standsBy)
            guard share != state.told else { return nil }
            defer { state.told = share }
            return state.told == nil && state.plan.heldCount == state.plan.states.count ? nil : share
        }
        if let news { logger.notice("\(title) holds \(news)") }
    }
}
