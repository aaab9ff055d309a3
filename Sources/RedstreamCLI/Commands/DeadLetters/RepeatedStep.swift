import RedstreamConnection
import Synchronization

/// A step that is made again where it failed, and may have been carried out before.
final class RepeatedStep: Sendable {
    private let mayBeDone = Mutex(false)

    /// Tries the step.
    ///
    /// - Parameter body: The step, told whether an earlier try may have been carried out: one whose connection broke, or
    ///   whose answer did not come in time. What the server refused was not.
    /// - Returns: The result of `body`.
    /// - Throws: The errors of `body`.
    func attempt<Value>(_ body: (_ mayBeDone: Bool) async throws -> Value) async throws -> Value {
        do {
            return try await body(mayBeDone.withLock { $0 })
        } catch let error as RedisError where error.kind == .connectionLost || error.kind == .timedOut {
            mayBeDone.withLock { $0 = true }
            throw error
        }
    }
}
