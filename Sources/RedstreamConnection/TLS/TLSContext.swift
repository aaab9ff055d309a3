#if TLS
import NIOSSL
import RedstreamSystem

/// Makes what NIOSSL needs of settings.
enum TLSContext {
    /// Reads the files that the settings name.
    ///
    /// They are read for each connection, so that a certificate which was renewed is used from then on.
    ///
    /// - Parameters:
    ///   - settings: The names of the files.
    ///   - deadline: The end of the wait for a file that is a pipe.
    ///   - interrupter: Ends that wait from any thread.
    /// - Returns: The context.
    /// - Throws: ``TLSProblem`` with the file that is wrong.
    static func make(
        _ settings: RedisConfiguration.TLS, by deadline: Deadline, interrupter: Interrupter
    ) throws -> NIOSSLContext {
        func reading<Value>(
            _ path: String, _ file: RedisError.TLS.File, _ parse: ([UInt8]) throws -> Value
        ) throws -> Value {
            let bytes = try contents(of: path, file, by: deadline, interrupter: interrupter)
            do {
                return try parse(bytes)
            } catch {
                throw TLSProblem(.tls(.invalidFile(file, path: path)))
            }
        }

        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let file = settings.authoritiesFile {
            let authorities = try reading(file, .authorities) { try NIOSSLCertificate.fromPEMBytes($0) }
            configuration.trustRoots = .certificates(authorities)
        }
        if let file = settings.certificateFile {
            let chain = try reading(file, .certificate) { try NIOSSLCertificate.fromPEMBytes($0) }
            configuration.certificateChain = chain.map { .certificate($0) }
        }
        if let file = settings.keyFile {
            let key = try reading(file, .key) { try NIOSSLPrivateKey(bytes: $0, format: .pem) }
            configuration.privateKey = .privateKey(key)
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw TLSProblem(.tls(.keyMismatch))
        }
    }

    /// Reads a file, which may be a pipe: its writer has as long as the connection.
    private static func contents(
        of path: String, _ file: RedisError.TLS.File, by deadline: Deadline, interrupter: Interrupter
    ) throws(TLSProblem) -> [UInt8] {
        do throws(OpenFile.ContentsError) {
            let open: OpenFile
            do throws(SystemError) { open = try OpenFile.reading(path) } catch { throw .refused(error) }
            return try open.contents(
                atMost: 16 << 20, by: .now.advanced(by: deadline.remaining), unless: { interrupter.wasInterrupted })
        } catch {
            throw switch error {
            case .refused(let error): TLSProblem(.tls(.unreadableFile(file, path: path, errno: error.code)))
            case .tooLong: TLSProblem(.tls(.unreadableFile(file, path: path, errno: EFBIG)))
            case .timedOut: TLSProblem(.tls(.unfinishedFile(file, path: path)))
            case .stopped: TLSProblem(.cancelled)
            }
        }
    }
}
#endif
