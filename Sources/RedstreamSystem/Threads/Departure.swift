import Synchronization

/// The way of a caller to leave work that goes on without it.
package final class Departure<Value: Sendable>: Sendable {
    private enum State {
        case notWaiting
        case waiting(CheckedContinuation<Value, any Error>)
        case ended(Result<Value, any Error>?)
    }

    private let state = Mutex(State.notWaiting)

    /// Creates a way that is not used yet.
    package init() {}

    /// Leaves with an error, unless the work is done.
    package func leave(throwing error: any Error) {
        _ = end(with: .failure(error))
    }

    /// Begins to wait; a caller that has left before is resumed at once.
    func begin(_ continuation: CheckedContinuation<Value, any Error>) {
        let outcome: Result<Value, any Error>? = state.withLock { state in
            if case .ended(let outcome) = state { return outcome }
            state = .waiting(continuation)
            return nil
        }
        if let outcome { continuation.resume(with: outcome) }
    }

    /// Hands over an outcome; returns false if there was one before.
    func end(with outcome: Result<Value, any Error>) -> Bool {
        let (isFirst, waiting): (Bool, CheckedContinuation<Value, any Error>?) = state.withLock { state in
            switch state {
            case .notWaiting:
                state = .ended(outcome)
                return (true, nil)
            case .waiting(let continuation):
                state = .ended(nil)
                return (true, continuation)
            case .ended: return (false, nil)
            }
        }
        waiting?.resume(with: outcome)
        return isFirst
    }
}
