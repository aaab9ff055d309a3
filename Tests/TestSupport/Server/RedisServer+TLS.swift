import Foundation

extension RedisServer.Options {
    /// The certificates of a server with TLS.
    package struct TLS: Sendable {
        /// The authority that has signed its certificate, and those of its clients.
        package let authority: Authority
        /// Its certificate.
        package let identity: Authority.Identity
        /// True if it wants a certificate of each client.
        package let wantsClients: Bool

        /// Creates settings.
        package init(_ authority: Authority, _ identity: Authority.Identity, wantsClients: Bool = false) {
            self.authority = authority
            self.identity = identity
            self.wantsClients = wantsClients
        }

        /// Returns its lines of redis.conf; nodes of a cluster speak TLS with each other too.
        func lines(port: Int) -> [String] {
            [
                "port 0", "tls-port \(port)", "tls-cert-file \(identity.certificateFile)",
                "tls-key-file \(identity.keyFile)", "tls-ca-cert-file \(authority.certificateFile)",
                "tls-auth-clients \(wantsClients ? "yes" : "no")", "tls-cluster yes", "tls-replication yes",
            ]
        }
    }
}

/// Facts about a server for the tests of TLS.
extension RedisServer {
    /// Why such a test is skipped.
    package static let withoutTLS = "the server under test was built without TLS"

    /// True if the server was built with TLS, so that it asks for a certificate where it is given a `tls-port` and
    /// none.
    ///
    /// It starts in no case: one without TLS does not know the option, or has nothing to listen there with.
    package static let speaksTLS: Bool = {
        guard let directory = try? TemporaryDirectory(), let port = try? freePort() else { return false }
        let process = Process()
        let output = Foundation.Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program, "--port", "0", "--tls-port", "\(port)", "--dir", directory.path]
        process.standardOutput = output
        process.standardError = output
        guard (try? process.run()) != nil else { return false }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text.contains("tls-cert-file")
    }()
}
