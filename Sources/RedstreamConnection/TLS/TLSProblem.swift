#if TLS
import NIOCore
import NIOPosix
import NIOSSL
import RedstreamSystem

/// The cause of a failure of an encrypted connection, on its way out of NIO.
struct TLSProblem: Error {
    let cause: RedisError.Cause

    init(_ cause: RedisError.Cause) {
        self.cause = cause
    }

    /// The kind of error that the cause makes.
    var kind: RedisError.Kind {
        switch cause {
        case .tls(.noGreeting): .connectFailed
        case .tls(.closedDuringHandshake), .closedByServer: .connectionLost
        case .tls: .tlsFailed
        case .cancelled: .cancelled
        default: .connectFailed
        }
    }

    /// The meaning of an error of NIO.
    init(_ error: any Error) {
        switch error {
        case let problem as TLSProblem: self = problem
        case let error as NIOSSLExtraError where error == .failedToValidateHostname: self.init(.tls(.wrongHost))
        case NIOSSLError.handshakeFailed(.sslError(let stack)): self.init(.tls(Self.cause(of: stack)))
        case BoringSSLError.sslError(let stack): self.init(.tls(Self.cause(of: stack)))
        case NIOSSLError.uncleanShutdown, ChannelError.eof: self.init(.closedByServer)
        default: self.init(Self.cause(ofConnecting: error))
        }
    }

    /// The cause that BoringSSL's errors stand for, by their names.
    private static func cause(of stack: NIOBoringSSLErrorStack) -> RedisError.TLS {
        let text = stack.map(\.description).joined(separator: " ")
        func has(_ word: String) -> Bool { text.contains(word) }
        return switch true {
        case has("CERTIFICATE_VERIFY_FAILED"): .distrusted
        case has("WRONG_VERSION_NUMBER"), has("HTTP_REQUEST"), has("INVALID_OUTER_RECORD_TYPE"): .notTLS
        case has("CERTIFICATE_REQUIRED"), has("HANDSHAKE_FAILURE"): .clientCertificateWanted
        case has("ALERT_UNKNOWN_CA"), has("ALERT_BAD_CERTIFICATE"), has("ALERT_CERTIFICATE"), has("UNKNOWN_CA"):
            .clientCertificateRefused
        case has("EOF during handshake"): .closedDuringHandshake
        default: .other(text)
        }
    }

    /// The cause for which no connection could be opened.
    private static func cause(ofConnecting error: any Error) -> RedisError.Cause {
        switch error {
        case let error as IOError where error.errnoCode != 0: .init(errno: error.errnoCode)
        case let error as SystemError: .init(error)
        default: .other("\(error)")
        }
    }
}
#endif
