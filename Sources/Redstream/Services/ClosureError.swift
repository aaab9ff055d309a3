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

/// Wraps an error that kept a handler from doing anything, such as an index that cannot be reached.
///
/// No message is to blame. So the attempt does not count, the consumer gives its lock back for others that may be luckier,
/// and tries again, as it does while its server is away.
public struct HandlerUnavailableError: Error {
    /// The error.
    public let underlying: any Error

    /// Wraps an error.
    public init(_ underlying: any Error) {
        self.underlying = underlying
    }
}

/// Wraps an error after which a consumer must end instead of calling its handler again, such as output that nobody
/// reads any more.
public struct UnretryableHandlerError: Error {
    /// The error that happened.
    public let underlying: any Error

    /// Wraps an error.
    public init(_ underlying: any Error) {
        self.underlying = underlying
    }
}
