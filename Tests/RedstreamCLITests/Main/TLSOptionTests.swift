import FoundationEssentials
import TestSupport
import Testing

@testable import RedstreamCLI

/// `rediss://`, `--cacert`, `--cert` and `--key`.
@Suite(.enabled(if: RedisServer.speaksTLS, .init(rawValue: RedisServer.withoutTLS))) struct TLSOptionTests {
    private func withServer(
        days: Int = 30, _ body: (_ url: String, _ authority: Authority, _ server: RedisServer) async throws -> Void
    ) async throws {
        let authority = try await Authority()
        let identity = try await authority.sign("DNS:localhost", days: days)
        let tls = RedisServer.Options.TLS(authority, identity, wantsClients: true)
        try await RedisServer.with(.init(listensOnTCP: true, password: ToldError.secret, tls: tls)) { server in
            try await body("rediss://:\(ToldError.secret)@localhost:\(server.port ?? 0)", authority, server)
        }
    }

    private func produce(_ arguments: String...) async throws -> ToolProcess.Result {
        try await ToolProcess.run(["produce", "--stream", "products", "--retry-for", "0s", "{}"] + arguments)
    }

    @Test func aMessageGoesThroughTLSWhenBothSidesAreVouchedFor() async throws {
        try await withServer { url, authority, _ in
            let own = try await authority.sign("DNS:client")
            let trust = ["--url", url, "--cacert", authority.certificateFile]
            let both = trust + ["--cert", own.certificateFile, "--key", own.keyFile]
            let result = try await ToolProcess.run(["produce", "--stream", "products", "{}"] + both)
            result.expect(.done)
            let read = try await ToolProcess.run(["consume", "--stream", "products", "--exit-at-end"] + both)
            #expect(read.lines.count == 1)
        }
    }

    private func words(_ url: String, _ options: String...) -> [String] {
        ["produce", "--stream", "products", "--retry-for", "0s", "{}", "--url", url] + options
    }

    @Test func whatIsNotTrustedIsSaidWithTheOptionThatHelps() async throws {
        try await withServer { url, authority, _ in
            let trust = "--cacert names the file with the authority that signed it"
            try await ToldError(
                .failed, "is signed by none of the authorities of this system", hint: trust
            ).expect(from: words(url))
            let other = try await Authority()
            try await ToldError(
                .failed, "is signed by none of the authorities in \(other.certificateFile)", hint: trust
            ).expect(from: words(url, "--cacert", other.certificateFile))
            try await ToldError(
                .failed, "the server's certificate is for another host",
                hint: "name the server in --url as its certificate does"
            ).expect(
                from: words(
                    url.replacing("localhost", with: "127.0.0.1"), "--cacert", authority.certificateFile))
        }
    }

    @Test func aClientCertificateThatIsWantedIsSaidToBe() async throws {
        try await withServer { url, authority, _ in
            let hint = "--cert and --key name a certificate that the server's authority has signed"
            try await ToldError(.failed, "the server wants a client certificate", hint: hint)
                .expect(from: words(url, "--cacert", authority.certificateFile))
            let strangers = try await Authority()
            let stranger = try await strangers.sign("DNS:client")
            try await ToldError(.failed, "the server does not accept the client's certificate", hint: hint).expect(
                from: words(
                    url, "--cacert", authority.certificateFile, "--cert", stranger.certificateFile, "--key",
                    stranger.keyFile))
        }
    }

    @Test func anExpiredCertificateIsSaidToBe() async throws {
        try await withServer(days: -1) { url, authority, _ in
            try await ToldError(
                .failed, "the server's certificate expired on 20", hint: "its operator has to renew it"
            ).expect(from: words(url, "--cacert", authority.certificateFile))
        }
    }

    @Test func plainAndEncryptedPortsAreToldFromEachOther() async throws {
        try await withServer { url, _, _ in
            // The server says in TLS that it was not spoken to in TLS, and closes: what comes through is a matter of luck.
            let result = try await ToolProcess.run(words(url.replacing("rediss://", with: "redis://")))
            let isTold = result.errors.contains("the server speaks TLS on this port")
            #expect(result.exit == (isTold ? .status(1) : .status(69)))
            #expect(isTold || result.errors.contains("before its first reply"), "\(result.errors)")
            #expect(result.errorLines.last?.contains("rediss:// is for ") == true, "\(result.errors)")
            #expect(!result.errors.contains(ToldError.secret))
        }
        try await RedisServer.with(.init(listensOnTCP: true)) { server in
            let url = "rediss://:\(ToldError.secret)@127.0.0.1:\(server.port ?? 0)"
            // The tool has to come as far as the handshake in that time, on a busy machine too.
            try await ToldError(
                .unreachable, "the server does not answer the TLS handshake",
                hint: "redis:// is for a server without TLS"
            ).expect(from: words(url, "--connect-timeout", "5s"), within: .seconds(15))
        }
    }

    @Test func optionsWithoutTLSOrWithoutEachOtherAreMistakes() async throws {
        let plain = try await produce("--url", "redis://h", "--cacert", "ca.pem")
        plain.expect(.usage)
        #expect(plain.errors.contains("--cacert is for a server with TLS"))
        let half = try await produce("--url", "rediss://h", "--cert", "c.pem")
        half.expect(.usage)
        #expect(half.errors.contains("--cert and --key belong together"))
        let none = try await produce("--url", "rediss://h", "--cacert", "/none.pem")
        none.expect(.failed)
        #expect(
            none.errors.contains(
                "the file of the authorities, /none.pem, cannot be opened: No such file or directory\nhint: --cacert"),
            "\(none.errors)")
        let directory = try TemporaryDirectory()
        let file = "\(directory.path)/ca.pem"
        try "no PEM".write(toFile: file, atomically: false, encoding: .utf8)
        let wrong = try await produce("--url", "rediss://h", "--cacert", file)
        wrong.expect(.failed)
        #expect(wrong.errors.contains("the authorities in \(file) cannot be read as PEM"), "\(wrong.errors)")
    }
}
