import Synchronization

/// A step that is made again where its answer was lost, and may have been carried out the first time.
final class RepeatedStep: Sendable {
    private let wasMade = Mutex(false)

    /// Notes that the step is made; true where it was made before.
    func begin() -> Bool {
        wasMade.withLock { was in
            defer { was = true }
            return was
        }
    }
}
