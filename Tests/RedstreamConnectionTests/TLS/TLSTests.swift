import RedstreamConnection
import TestSupport
import Testing

/// Encrypted connections to a real server.
@Suite(.timeLimit(.minutes(3)), .enabled(if: RedisServer.speaksTLS, .init(rawValue: RedisServer.withoutTLS)))
struct TLSTests {
    /// A server that speaks TLS on a port, and the authority that signed its certificate.
    private struct Secured {
        let server: RedisServer
        let authority: Authority

        func configuration(
            host: String = "127.0.0.1", _ settings: RedisConfiguration.TLS? = nil
        ) -> RedisConfiguration {
            RedisConfiguration(
                address: .tcp(host: host, port: server.port ?? 0),
                tls: settings ?? .init(authoritiesFile: authority.certificateFile))
        }
    }

    private func withServer(
        names: String = "IP:127.0.0.1", days: Int = 30, wantsClients: Bool = false,
        _ body: (Secured) async throws -> Void
    ) async throws {
        let authority = try await Authority()
        let identity = try await authority.sign(names, days: days)
        let tls = RedisServer.Options.TLS(authority, identity, wantsClients: wantsClients)
        try await RedisServer.with(.init(listensOnTCP: true, tls: tls)) { server in
            try await body(Secured(server: server, authority: authority))
        }
    }

    private func failure(_ configuration: RedisConfiguration) async -> RedisError? {
        do {
            let connection = try await RedisConnection.connect(to: configuration, name: "tests:tls")
            defer { connection.close() }
            _ = try await connection.call("PING")
            return nil
        } catch {
            return error as? RedisError
        }
    }

    @Test func carriesSmallAndLargeCommandsAndReplies() async throws {
        try await withServer { secured in
            let connection = try await RedisConnection.connect(to: secured.configuration(), name: "tests:tls")
            defer { connection.close() }
            #expect(try await connection.call("PING").string == "PONG")
            let large = [UInt8](repeating: 7, count: 20 << 20)
            _ = try await connection.call("SET", "large", large)
            let reply = try await connection.call("GET", "large")
            #expect(reply.bytes?.elementsEqual(large) == true)
            var pipeline = RedisPipeline()
            for number in 0..<10_000 { pipeline.append("ECHO", number) }
            let replies = try await connection.executeChecked(pipeline)
            #expect(replies.map(\.string) == (0..<10_000).map(String.init))
        }
    }

    @Test func theServersNameIsCheckedWhetherItIsAHostOrAnAddress() async throws {
        try await withServer(names: "DNS:localhost") { secured in
            #expect(await failure(secured.configuration(host: "localhost")) == nil)
            let error = await failure(secured.configuration())
            #expect(error?.kind == .tlsFailed)
            #expect(error?.reason == "the server's certificate is for another host")
        }
    }

    @Test func anAuthorityThatIsNotKnownIsNotTrusted() async throws {
        try await withServer { secured in
            let error = await failure(secured.configuration(.init()))
            #expect(error?.kind == .tlsFailed)
            #expect(
                error?.reason == "the server's certificate is signed by none of the authorities of this system")
            let other = try await Authority()
            let second = await failure(secured.configuration(.init(authoritiesFile: other.certificateFile)))
            #expect(
                second?.reason
                    == "the server's certificate is signed by none of the authorities in \(other.certificateFile)")
        }
    }

    @Test func anExpiredCertificateIsNotTrusted() async throws {
        try await withServer(days: -1) { secured in
            let error = await failure(secured.configuration())
            #expect(error?.kind == .tlsFailed)
            #expect(error?.reason.hasPrefix("the server's certificate expired on 20") == true)
        }
    }

    @Test func aPlainServerIsToldFromOneWithTLS() async throws {
        try await RedisServer.with(.init(listensOnTCP: true)) { server in
            var configuration = server.tcpConfiguration
            configuration.tls = .init()
            // The handshake has to begin in that time, on a busy machine too.
            configuration.connectTimeout = .seconds(3)
            let error = await failure(configuration)
            #expect(error?.kind == .connectFailed)
            #expect(error?.reason == "the server does not answer the TLS handshake")
        }
    }

    @Test func aServerMayWantACertificate() async throws {
        try await withServer(wantsClients: true) { secured in
            let error = await failure(secured.configuration())
            #expect(error?.kind == .tlsFailed)
            #expect(error?.reason == "the server wants a client certificate")
            var settings = RedisConfiguration.TLS(authoritiesFile: secured.authority.certificateFile)
            let identity = try await secured.authority.sign("DNS:client")
            settings.certificateFile = identity.certificateFile
            settings.keyFile = identity.keyFile
            #expect(await failure(secured.configuration(settings)) == nil)
            let strangers = try await Authority()
            let stranger = try await strangers.sign("DNS:client")
            settings.certificateFile = stranger.certificateFile
            settings.keyFile = stranger.keyFile
            #expect(
                await failure(secured.configuration(settings))?.reason
                    == "the server does not accept the client's certificate")
        }
    }

    @Test func filesThatAreNoneAreNamed() async throws {
        let settings = RedisConfiguration.TLS(authoritiesFile: "/none/ca.pem")
        let error = await failure(RedisConfiguration(tls: settings))
        #expect(
            error?.reason == "the file of the authorities, /none/ca.pem, cannot be opened: No such file or directory")
    }

    @Test func nobodyThereIsNoMatterOfTLS() async throws {
        let configuration = RedisConfiguration(
            address: .tcp(host: "127.0.0.1", port: try freePort()), tls: .init())
        let error = await failure(configuration)
        #expect(error?.kind == .connectFailed)
        #expect(error?.reason == "Connection refused")
    }

    @Test func aServerThatDiesIsNoticedAndReachedAgain() async throws {
        try await withServer { secured in
            let connection = try await RedisConnection.connect(to: secured.configuration(), name: "tests:tls")
            defer { connection.close() }
            await secured.server.kill()
            let error = await #expect(throws: RedisError.self) { try await connection.call("PING") }
            #expect(error?.kind == .connectionLost)
            try await secured.server.restart()
            #expect(await failure(secured.configuration()) == nil)
        }
    }

    @Test func aCancelledWaitEndsAtOnce() async throws {
        try await withServer { secured in
            let connection = try await RedisConnection.connect(to: secured.configuration(), name: "tests:tls")
            let waiting = Task {
                try await connection.execute(RedisPipeline("BLPOP", "nothing", 0), blocking: .seconds(600))
            }
            try await eventually { try await self.blockedClients(secured.server) == 1 }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { _ = try await waiting.value }
            try await eventually { try await self.blockedClients(secured.server) == 0 }
        }
    }

    @Test func manyConnectionsLeaveNothingOpen() async throws {
        try await withServer { secured in
            for _ in 0..<20 { #expect(await failure(secured.configuration()) == nil) }
            let probe = try await RedisConnection.connect(to: secured.server.configuration, name: "tests:probe")
            defer { probe.close() }
            try await eventually {
                try await probe.call("CLIENT", "LIST").string?.contains("tests:tls") == false
            }
        }
    }

    private func blockedClients(_ server: RedisServer) async throws -> Int {
        let probe = try await RedisConnection.connect(to: server.configuration, name: "tests:probe")
        defer { probe.close() }
        let text = try await probe.call("INFO", "clients").string ?? ""
        return text.split(separator: "\r\n").first { $0.hasPrefix("blocked_clients:") }
            .flatMap { Int($0.dropFirst("blocked_clients:".count)) } ?? -1
    }
}
