import RedstreamSystem

extension RedisError {
    /// Why TLS could not begin, or was ended.
    public enum TLS: Sendable, Equatable {
        /// A file of this client.
        public enum File: Sendable, Equatable {
            /// The authorities that are trusted.
            case authorities
            /// The client's certificate.
            case certificate
            /// The key of the client's certificate.
            case key
        }

        /// A certificate of the server's chain.
        public enum Certificate: Sendable, Equatable {
            /// The server's own.
            case server
            /// One of its authorities.
            case authority
        }

        /// The package was built without its trait `TLS`.
        case notBuilt
        /// A file cannot be opened, with the `errno`.
        case unreadableFile(File, path: String, errno: Int32)
        /// A file that is a pipe did not come to an end in time.
        case unfinishedFile(File, path: String)
        /// A file is no PEM of its kind.
        case invalidFile(File, path: String)
        /// The client's certificate and key do not belong together.
        case keyMismatch
        /// No authority in that file has signed the server's certificate; nil for the authorities of the system.
        case untrusted(authorities: String?)
        /// The server's certificate is not accepted, for a reason that could not be found out.
        case distrusted
        /// A certificate expired on that day.
        case expired(Certificate, on: String)
        /// A certificate is valid from that day only.
        case notYetValid(Certificate, from: String)
        /// The server's certificate is for another host.
        case wrongHost
        /// The server does not speak TLS on this port.
        case notTLS
        /// The server does not answer the handshake.
        case noGreeting
        /// The server closed the connection during the handshake.
        case closedDuringHandshake
        /// The server wants a client certificate.
        case clientCertificateWanted
        /// The server does not accept the client's certificate.
        case clientCertificateRefused
        /// Another reason, in the words of the TLS library.
        case other(String)
    }
}

extension RedisError.TLS: CustomStringConvertible {
    /// The reason in words: one clause.
    public var description: String {
        switch self {
        case .notBuilt: "this program was built without the trait TLS of the package redstream"
        case .unreadableFile(let file, let path, let code):
            "the file of the \(file), \(path), cannot be opened: \(SystemError.text(of: code))"
        case .unfinishedFile(let file, let path):
            "the file of the \(file), \(path), did not come to an end in time"
        case .invalidFile(let file, let path): "the \(file) in \(path) cannot be read as PEM"
        case .keyMismatch: "the client's certificate and key do not belong together"
        case .untrusted(let file):
            "the server's certificate is signed by none of the authorities \(file.map { "in \($0)" } ?? "of this system")"
        case .distrusted: "the server's certificate is not trusted"
        case .expired(let certificate, let day): "\(certificate.name) expired on \(day)"
        case .notYetValid(let certificate, let day): "\(certificate.name) is valid from \(day) only"
        case .wrongHost: "the server's certificate is for another host"
        case .notTLS: "the server does not speak TLS on this port"
        case .noGreeting: "the server does not answer the TLS handshake"
        case .closedDuringHandshake: "the server closed it during the TLS handshake"
        case .clientCertificateWanted: "the server wants a client certificate"
        case .clientCertificateRefused: "the server does not accept the client's certificate"
        case .other(let words): words
        }
    }
}

extension RedisError.TLS.Certificate {
    fileprivate var name: String {
        self == .server ? "the server's certificate" : "a certificate of the server's authority"
    }
}
