/// Says what failed between this process and a Redis server, where, and why.
///
/// Neither payloads nor passwords are part of it, so that it can be logged as it is.
public struct RedisError: Error, Sendable, Equatable {
    /// What went wrong, in the terms a caller decides by.
    public enum Kind: Sendable, Equatable {
        /// No connection could be opened: refused, no such host or socket, or the connect timeout passed.
        case connectFailed
        /// An open connection broke. A command in flight may have been carried out, or not.
        case connectionLost
        /// The server did not answer within the command timeout; the connection was closed.
        case timedOut
        /// The waiting task was cancelled and its connection shut down.
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

    /// What went wrong.
    public let kind: Kind
    /// The server, as `host:port` or a socket path; never with credentials.
    public let address: String
    /// The reason in words, as the server or the operating system gave it.
    public let reason: String

    /// Creates an error for a server at `address`.
    public init(_ kind: Kind, address: String, reason: String) {
        self.kind = kind
        self.address = address
        self.reason = reason
    }

    /// The server's error code (`WRONGTYPE`, `OOM`, …), or nil where the server did not answer with an error.
    public var code: String? {
        if case .server(let code) = kind { code } else { nil }
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
        case .unsupportedServer: reason
        case .poolExhausted: reason
        }
    }
}
