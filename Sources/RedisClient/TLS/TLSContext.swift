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
            let authorities = try reading(file, .authorities) { try NIOSSLCertificate.fromPEMFile(file) }
            configuration.trustRoots = .certificates(authorities)
        }
        if let file = settings.certificateFile {
            let chain = try reading(file, .certificate) { try NIOSSLCertificate.fromPEMFile(file) }
            configuration.certificateChain = chain.map { .certificate($0) }
        }
        if let file = settings.keyFile {
            let key = try reading(file, .key) { try NIOSSLPrivateKey(file: file, format: .pem) }
            configuration.privateKey = .privateKey(key)
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw TLSProblem(.tls(.keyMismatch))
        }
    }

    private static func reading<Value>(
        _ path: String, _ file: RedisError.TLS.File, _ read: () throws -> Value
    ) throws -> Value {
        do {
            return try read()
        } catch {
            let obstacle = obstacle(to: path).map { RedisError.TLS.unreadableFile(file, path: path, errno: $0) }
            throw TLSProblem(.tls(obstacle ?? .invalidFile(file, path: path)))
        }
    }

    /// The `errno` of opening a file; nil if it can be opened.
    private static func obstacle(to file: String) -> Int32? {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return errno }
        close(descriptor)
        return nil
    }
}
