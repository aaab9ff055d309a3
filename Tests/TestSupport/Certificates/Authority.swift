import Foundation
import RedstreamSystem

/// An authority of a test's own that signs certificates, made by openssl(1), in a directory of its own.
package final class Authority: Sendable {
    /// The files of a certificate and its key, in PEM.
    package struct Identity: Sendable {
        /// The certificate.
        package let certificateFile: String
        /// Its key.
        package let keyFile: String
    }

    private let directory: TemporaryDirectory
    /// The authority's own certificate, in PEM.
    package var certificateFile: String { "\(directory.path)/ca.crt" }

    /// Creates an authority.
    package init() async throws {
        directory = try TemporaryDirectory()
        try await openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "ca.key",
            "-out", "ca.crt", "-days", "30",
            "-subj", "/CN=test authority")
    }

    /// Signs a certificate.
    ///
    /// - Parameters:
    ///   - names: The hosts that it is for, as openssl writes them: `DNS:localhost`, `IP:127.0.0.1`.
    ///   - days: How long it is valid from now on; a negative number for one that has expired.
    /// - Returns: The files of the certificate and its key, which last as long as the authority does.
    /// - Throws: What openssl did not do.
    package func sign(_ names: String..., days: Int = 30) async throws -> Identity {
        let file = "\(UInt32.random(in: .min ... .max))"
        try "subjectAltName=\(names.joined(separator: ","))\n".write(
            toFile: "\(directory.path)/\(file).ext", atomically: false, encoding: .utf8)
        try await openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "\(file).key",
            "-out", "\(file).csr", "-subj", "/CN=test"
        )
        try await openssl(
            "x509", "-req", "-in", "\(file).csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
            "-out", "\(file).crt", "-days", "\(days)", "-extfile", "\(file).ext")
        return Identity(certificateFile: "\(directory.path)/\(file).crt", keyFile: "\(directory.path)/\(file).key")
    }

    // On a thread of its own: two tests that wait on the threads of the pool, of which there is one for each core, stop
    // all others.
    private func openssl(_ arguments: String...) async throws {
        let folder = URL(filePath: directory.path)
        let status = try await onThread {
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = ["openssl"] + arguments
            process.currentDirectoryURL = folder
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            return process.terminationStatus
        }
        guard status == 0 else { throw SystemError("openssl \(arguments[0])") }
    }
}
