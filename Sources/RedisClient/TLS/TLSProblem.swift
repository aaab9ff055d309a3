import NIOCore
import NIOPosix
import NIOSSL
import RedstreamSystem

/// What is wrong with an encrypted connection, in words that say what to do.
struct TLSProblem: Error {
    let kind: RedisError.Kind
    let reason: String
    /// Whether the server's certificate was not accepted, for one of several reasons.
    var isDistrust = false

    init(kind: RedisError.Kind, reason: String) {
        self.kind = kind
        self.reason = reason
    }

    /// A server that was reached and did not answer: one without TLS waits for the end of what it takes for a command.
    static let noGreeting = TLSProblem(
        kind: .connectFailed, reason: "the server does not greet back: does it speak TLS on this port?")

    /// What an error of NIO means; nil for one that has nothing to do with TLS.
    init?(_ error: any Error) {
        switch error {
        case let problem as TLSProblem: self = problem
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            self.init(kind: .tlsFailed, reason: "the server's certificate is for another host")
        case NIOSSLError.handshakeFailed(.sslError(let stack)): self.init(stack)
        case BoringSSLError.sslError(let stack): self.init(stack)
        case NIOSSLError.uncleanShutdown, ChannelError.eof:
            self.init(kind: .connectionLost, reason: "the server closed it")
        case ChannelError.connectTimeout: self.init(kind: .connectFailed, reason: "Connection timed out")
        default: return nil
        }
    }

    private init(_ stack: NIOBoringSSLErrorStack) {
        let text = stack.map(\.description).joined(separator: " ")
        func has(_ word: String) -> Bool { text.contains(word) }
        switch true {
        case has("CERTIFICATE_VERIFY_FAILED"):
            self.init(kind: .tlsFailed, reason: "the server's certificate is not trusted")
            isDistrust = true
        case has("WRONG_VERSION_NUMBER"), has("HTTP_REQUEST"), has("INVALID_OUTER_RECORD_TYPE"):
            self.init(kind: .tlsFailed, reason: "the server does not speak TLS on this port")
        case has("CERTIFICATE_REQUIRED"), has("HANDSHAKE_FAILURE"):
            self.init(kind: .tlsFailed, reason: "the server wants a client certificate")
        case has("ALERT_UNKNOWN_CA"), has("ALERT_BAD_CERTIFICATE"), has("ALERT_CERTIFICATE"), has("UNKNOWN_CA"):
            self.init(kind: .tlsFailed, reason: "the server does not accept the client's certificate")
        case has("EOF during handshake"):
            self.init(kind: .connectionLost, reason: "the server closed it while TLS began")
        default: self.init(kind: .tlsFailed, reason: text)
        }
    }

    /// Why no connection could be opened, without NIO's names.
    static func words(of error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first { return words(of: first.error) }
            return error.dnsAError == nil && error.dnsAAAAError == nil
                ? "Connection refused" : "the name of the host cannot be resolved"
        case let error as IOError:
            return error.errnoCode == 0 ? error.description : SystemError.text(of: error.errnoCode)
        default: return "\(error)"
        }
    }
}
