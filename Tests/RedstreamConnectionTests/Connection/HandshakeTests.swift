import TestSupport
import Testing

@testable import RedstreamConnection

@Suite(.timeLimit(.minutes(3))) struct HandshakeTests {
    @Test func aPasswordAUserAndADatabaseAreUsed() async throws {
        let options = RedisServer.Options(password: "pässword", users: ["alice on >wonder ~* &* +@all"])
        try await RedisServer.with(options) { server in
            var configuration = server.configuration
            configuration.database = 3
            let connection = try await RedisConnection.connect(to: configuration, name: "my app\n1")
            #expect(try await connection.call("ACL", "WHOAMI").string == "default")
            #expect(try await connection.call("CLIENT", "GETNAME").string == "my_app_1")
            #expect(try await connection.call("CLIENT", "INFO").string?.contains(" db=3 ") == true)
            connection.close()

            configuration.username = "alice"
            configuration.password = Secret("wonder")
            let other = try await RedisConnection.connect(to: configuration)
            #expect(try await other.call("ACL", "WHOAMI").string == "alice")
            other.close()
        }
    }

    @Test func aWrongPasswordIsRefusedWithoutBeingRepeated() async throws {
        try await RedisServer.with(.init(password: "right")) { server in
            var configuration = server.configuration
            configuration.password = Secret("hunter2")
            let error = await connectError(configuration)
            #expect(error?.code == "WRONGPASS")
            #expect(error?.retryAdvice == .fail)
            #expect(!"\(String(reflecting: error))".contains("hunter2"))
        }
    }

    @Test func aMissingPasswordIsNoticedByTheFirstCommand() async throws {
        try await RedisServer.with(.init(password: "right")) { server in
            var configuration = server.configuration
            configuration.password = nil
            let error = await #expect(throws: RedisError.self) {
                let connection = try await RedisConnection.connect(to: configuration)
                try await connection.call("PING")
            }
            #expect(error?.code == "NOAUTH")
        }
    }

    @Test func aServerThatSaysNothingCostsTheConnectTimeoutAndNoMore() async throws {
        let server = try FakeServer { peer in while !peer.read().isEmpty {} }
        var configuration = server.configuration
        configuration.connectTimeout = .milliseconds(200)
        configuration.commandTimeout = .seconds(20)
        let silent = configuration
        let time = try await fastestTry(under: .seconds(5), of: 3) { _ in
            let began = ContinuousClock.now
            #expect(await connectError(silent)?.kind == .timedOut)
            let blocking = BlockingRedisConnection(silent, name: "tests:silent")
            let error = #expect(throws: RedisError.self) {
                try blocking.execute(RedisPipeline("PING"), for: nil, timeout: .seconds(20))
            }
            #expect(error?.reason == "the server accepts connections but does not answer")
            return began.duration(to: .now)
        }
        #expect(time < .seconds(5))
    }

    @Test func aDatabaseThatDoesNotExistIsAnError() async throws {
        var configuration = try await RedisServer.shared.configuration
        configuration.database = 1_000_000
        #expect(await connectError(configuration)?.code == "ERR")
    }

    @Test func aUserOfFewRightsCanConnect() async throws {
        let options = RedisServer.Options(users: ["few on >pw ~app:* +get"])
        try await RedisServer.with(options) { server in
            var configuration = server.configuration
            configuration.username = "few"
            configuration.password = Secret("pw")
            let connection = try await RedisConnection.connect(to: configuration)
            #expect(try await connection.call("GET", "app:1").isNull)
            let error = await #expect(throws: RedisError.self) { try await connection.call("GET", "other") }
            #expect(error?.code == "NOPERM")
            connection.close()
        }
    }

    @Test(arguments: ["6.0.16", "5.0.7", "4.0.14", "6.1.241"])
    func anOldServerIsRefusedWithASentence(version: String) async throws {
        let server = try FakeServer { $0.shakeHands(version: version) }
        let error = await connectError(server.configuration)
        #expect(error?.kind == .unsupportedServer)
        #expect(error?.description.contains("Redis \(version): 6.2 is the oldest") == true)
    }

    @Test(arguments: ["6.2.0", "6.2.14", "7.0.15", "7.4.1", "8.0.0", "9.1.0", "10.0.0", "255.255.255", "odd"])
    func aNewerServerIsTaken(version: String) throws {
        try Handshake.checkVersion(RedisInfo("# Server\r\nredis_version:\(version)\r\nos:Linux\r\n"), address: "a")
    }

    @Test func aClientNameIsPrintableWithoutBlanks() {
        #expect(Handshake.clientName("redstream:a b\tc\nd€:~") == "redstream:a_b_c_d___:~")
    }
}

private func connectError(_ configuration: RedisConfiguration) async -> RedisError? {
    await #expect(throws: RedisError.self) {
        let connection = try await RedisConnection.connect(to: configuration)
        connection.close()
    }
}
