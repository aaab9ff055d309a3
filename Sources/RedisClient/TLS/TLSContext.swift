import NIOSSL
import RedstreamSystem

/// Makes what NIOSSL needs of settings.
enum TLSContext {
    /// Reads the files that the settings name.
    ///
    /// They are read for each connection, so that a certificate which was renewed is used from then on.
    ///
    /// - Throws: ``TLSProblem`` with the file that is wrong.
    static func make(_ settings: RedisConfiguration.TLS) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let file = settings.authoritiesFile {
            let authorities = try reading(file, "authorities") { try NIOSSLCertificate.fromPEMFile(file) }
            configuration.trustRoots = .certificates(authorities)
        }
        if let file = settings.certificateFile {
            let chain = try reading(file, "certificate") { try NIOSSLCertificate.fromPEMFile(file) }
            configuration.certificateChain = chain.map { .certificate($0) }
        }
        if let file = settings.keyFile {
            let key = try reading(file, "key") { try NIOSSLPrivateKey(file: file, format: .pem) }
            configuration.privateKey = .privateKey(key)
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw TLSProblem(kind: .tlsFailed, reason: "the client's certificate and key do not belong together")
        }
    }

    private static func reading<Value>(_ file: String, _ what: String, _ read: () throws -> Value) throws -> Value {
        do {
            return try read()
        } catch {
            let reason =
                obstacle(to: file).map { "the file of the \(what), \(file), cannot be opened: \($0)" }
                ?? "the \(what) in \(file) cannot be read as PEM"
            throw TLSProblem(kind: .tlsFailed, reason: reason)
        }
    }

    /// Why a file cannot be opened, in the system's words; nil where it can.
    private static func obstacle(to file: String) -> String? {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return SystemError.text(of: errno) }
        close(descriptor)
        return nil
    }
}
