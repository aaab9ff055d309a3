package import RedstreamSystem

/// Says what failed between this process and a Redis server, where, and why.
///
/// Neither payloads nor passwords are part of it, so that it can be logged as it is.
public struct RedisError: Error, Sendable, Equatable {
    /// The kind of failure, in the terms a caller decides by.
    public enum Kind: Sendable, Equatable {
        /// No connection could be opened: refused, no such host or socket, the connect timeout passed, or the system has
        /// no descriptor or thread left for it.
        case connectFailed
        /// An open connection broke. A command in flight may have been carried out, or not.
        case connectionLost
        /// The server did not answer within the command timeout; the connection was closed.
        case timedOut
        /// The connection was closed by ``RedisConnection/close()`` while a command waited for its reply. A cancelled task
        /// gets `CancellationError` instead.
        case cancelled
        /// The server sent bytes that hiredis does not accept: no Redis, TLS on a plain port, or a reply nested
        /// deeper than hiredis reads.
        case protocolViolation
        /// TLS could not begin, or was ended by the server: a certificate is not accepted, or the server speaks none.
        case tlsFailed
        /// The server answered with an error; the first word of its message.
        case server(code: String)
        /// The node of a cluster serves the key no more, and what was begun there cannot go on elsewhere: a transaction, of
        /// which nothing was carried out; or commands of which some were, so that the others would come out of order, or a
        /// WAIT would speak for less than it should.
        ///
        /// Begin a transaction again, with its WATCH, on another connection; send other commands again where it does no harm
        /// that some of them come twice.
        case slotMoved
        /// The server is older than what this library speaks to.
        case unsupportedServer
        /// No pooled connection became free within the pool's waiting time.
        case poolExhausted
    }

    /// The kind of failure.
    public let kind: Kind
    /// The server, as `host:port` or a socket path; never with credentials.
    public let address: String
    /// Why it went wrong.
    public let cause: Cause

    /// The cause in words.
    public var reason: String { cause.description }

    /// Creates an error for a server at `address`.
    public init(_ kind: Kind, address: String, cause: Cause) {
        self.kind = kind
        self.address = address
        self.cause = cause
    }

    /// Creates an error with the words of a server, or with words that stand for no other cause.
    public init(_ kind: Kind, address: String, reason: String) {
        let cause: Cause =
            if case .server(let code) = kind {
                .server(ServerErrorCode(code: code, message: reason), message: reason)
            } else { .other(reason) }
        self.init(kind, address: address, cause: cause)
    }

    /// Creates the error that a server answers with; its code is the first word of the message.
    package init(server message: String, address: String) {
        self.init(.server(code: String(message.prefix { $0 != " " })), address: address, reason: message)
    }

    /// The server's error code (`WRONGTYPE`, `OOM`, …), or nil where the server did not answer with an error.
    public var code: String? {
        if case .server(let code) = kind { code } else { nil }
    }

    /// The server's error as far as it is known; nil where the server did not answer with an error.
    public var serverCode: ServerErrorCode? {
        switch cause {
        case .server(let code, _): code
        case .notPrimary: .readOnly
        case .slotUnserved: .clusterDown
        default: nil
        }
    }

    /// Creates the error of a server that says itself that it is no primary, although sentinels or nodes name it as one.
    static func notPrimary(_ address: String) -> RedisError {
        RedisError(.server(code: "READONLY"), address: address, cause: .notPrimary(address))
    }

    /// Creates the error for a slot of a cluster that nobody serves.
    ///
    /// - Parameter address: The node that says so, or all nodes that were named.
    /// - Returns: The error.
    static func slotUnserved(_ address: String) -> RedisError {
        RedisError(.server(code: "CLUSTERDOWN"), address: address, cause: .slotUnserved(address))
    }
}

extension RedisError {
    /// Creates the error of a connection that the system has no means for.
    package init(_ error: SystemError, connectingTo address: String) {
        self.init(.connectFailed, address: address, cause: .init(error))
    }
}

extension RedisError: CustomStringConvertible {
    /// One line: the reason, and the server where the reason does not come from it.
    public var description: String {
        switch kind {
        case .connectFailed: "cannot connect to \(address): \(reason)"
        case .connectionLost: "connection to \(address) lost: \(reason)"
        case .timedOut: "no answer from \(address): \(reason)"
        case .cancelled: "cancelled"
        case .protocolViolation: "unexpected reply from \(address): \(reason)"
        case .tlsFailed: "TLS with \(address) failed: \(reason)"
        case .server: reason
        case .slotMoved: "\(address) serves the key no more: \(reason)"
        case .unsupportedServer: "the server at \(address) \(reason)"
        case .poolExhausted: reason
        }
    }
}

extension RedisError {
    /// The advice for this error: retry or give up.
    public var retryAdvice: RetryAdvice {
        switch kind {
        case .connectFailed, .connectionLost, .timedOut, .poolExhausted, .slotMoved: .retry
        case .cancelled, .protocolViolation, .unsupportedServer, .tlsFailed: .fail
        case .server: serverCode?.meaning.advice ?? .fail
        }
    }

    /// True if the server was not there, so that another may have taken its place.
    package var isServerUnreachable: Bool {
        switch kind {
        case .connectFailed, .connectionLost, .timedOut: true
        default: false
        }
    }

    /// True if the server is a replica, so that writing needs another one.
    package var isReplica: Bool { serverCode?.meaning.isReplica == true }

    /// The longest pause that makes sense before the next try; nil for any.
    package var longestPause: Duration? {
        kind == .slotMoved ? ServerErrorCode.tryAgain.meaning.longestPause : serverCode?.meaning.longestPause
    }

    /// Finds the state in which a retry of the command may succeed.
    ///
    /// - Parameter failsOverByItself: True if sentinels or a cluster's nodes make another server the primary. For a server of
    ///   its own an operator has to.
    /// - Returns: The state.
    package func awaitedState(failsOverByItself: Bool) -> AwaitedState {
        switch cause {
        case .notPrimary: return .primary
        case .entryTooLarge: return .readable
        default: break
        }
        return switch kind {
        case .slotMoved: .cluster
        case .poolExhausted: .free
        case .server: isReplica && failsOverByItself ? .primary : serverCode?.meaning.awaits ?? .reachable
        default: .reachable
        }
    }
}
