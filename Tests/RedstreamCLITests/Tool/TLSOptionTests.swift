import TestSupport
import Testing

@testable import RedstreamCLI

/// `rediss://`, `--cacert`, `--cert` and `--key`.
@Suite struct TLSOptionTests {
    private func withServer(
        _ body: (_ url: String, _ authority: Authority, _ server: RedisServer) async throws -> Void
    ) async throws {
        let authority = try Authority()
        let identity = try authority.sign("DNS:localhost")
        let port = try freePort()
        let lines = [
            "tls-port \(port)", "tls-cert-file \(identity.certificateFile)", "tls-key-file \(identity.keyFile)",
            "tls-ca-cert-file \(authority.certificateFile)", "tls-auth-clients yes",
        ]
        try await RedisServer.with(.init(lines: lines)) { server in
            try await body("rediss://localhost:\(port)", authority, server)
        }
    }

    private func produce(_ arguments: String...) async throws -> ToolProcess.Result {
        try await ToolProcess.run(["produce", "--stream", "products", "--retry-for", "0s", "{}"] + arguments)
    }

    @Test func aMessageGoesThroughTLSWhenBothSidesAreVouchedFor() async throws {
        try await withServer { url, authority, _ in
            let own = try authority.sign("DNS:client")
            let trust = ["--url", url, "--cacert", authority.certificateFile]
            let both = trust + ["--cert", own.certificateFile, "--key", own.keyFile]
            let result = try await ToolProcess.run(["produce", "--stream", "products", "{}"] + both)
            result.expect(.done)
            let read = try await ToolProcess.run(["consume", "--stream", "products", "--exit-at-end"] + both)
            #expect(read.lines.count == 1)
        }
    }

    @Test func whatIsNotTrustedIsSaidWithTheOptionThatHelps() async throws {
        try await withServer { url, authority, _ in
            let distrust = try await produce("--url", url)
            distrust.expect(.failed)
            #expect(distrust.errors.contains("is signed by none of the authorities of this system"))
            #expect(distrust.errors.contains("hint: --cacert names the file"))
            let stranger = try await produce("--url", url, "--cacert", authority.certificateFile)
            stranger.expect(.failed)
            #expect(stranger.errors.contains("the server wants a client certificate"))
            #expect(stranger.errors.contains("hint: --cert and --key"))
            let other = url.replacing("localhost", with: "127.0.0.1")
            let name = try await produce("--url", other, "--cacert", authority.certificateFile)
            name.expect(.failed)
            #expect(name.errors.contains("the server's certificate is for another host"))
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
        #expect(none.errors.contains("the authorities in /none.pem cannot be read as PEM"))
    }
}
