import Synchronization

/// Hands the messages that one task has taken to another.
final class TakenMessages: Sendable {
    private let state = Mutex<(TakenInput, skipped: Int)?>(nil)

    /// The messages, and how many were passed over; nil before they were taken.
    var value: (TakenInput, skipped: Int)? { state.withLock { $0 } }

    func set(_ messages: TakenInput, skipped: Int) {
        state.withLock { $0 = (messages, skipped) }
    }
}
