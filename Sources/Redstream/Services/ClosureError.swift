import RedstreamConnection

/// Wraps an error that a closure of the application threw, so that nothing on its way out takes it for one of ours.
///
/// A handler may throw a `RedisError` about another server, or the `RedstreamError` of another consumer. Whatever retries,
/// or reacts to a lost lock, would take it for its own. The closure is called by ``wrapping(_:)``; the public functions
/// give back the error itself by ``unwrapping(_:)``.
struct ClosureError: Error {
    /// The error that the closure threw.
    let underlying: any Error

    /// True if a handler reports by it that it could not do anything.
    var isUnavailable: Bool { underlying is HandlerUnavailableError }

    /// True if no message is to blame for it.
    var isNoMessagesFault: Bool { isUnavailable || underlying is UnretryableHandlerError }

    /// The error that kept a handler from doing anything; any other error as it is.
    var reason: any Error { (underlying as? HandlerUnavailableError)?.underlying ?? underlying }

    /// Calls a closure of the application.
    ///
    /// The time limit of our own connecting does not apply in it.
    static func wrapping<Value>(_ closure: () async throws -> Value) async throws(ClosureError) -> Value {
        do {
            return try await ConnectTimeLimit.withoutLimit(closure)
        } catch {
            throw ClosureError(underlying: error)
        }
    }

    /// Runs what calls closures of the application, and throws their errors as they were thrown.
    static func unwrapping<Value>(_ work: () async throws -> Value) async throws -> Value {
        do {
            return try await work()
        } catch let error as ClosureError {
            throw error.underlying
        }
    }
}
