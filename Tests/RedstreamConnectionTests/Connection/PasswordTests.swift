import RedstreamConnection
import Synchronization
import TestSupport
import Testing

/// Users without a password, and passwords that change while a program runs.
@Suite(.timeLimit(.minutes(3))) struct PasswordTests {
    private func whoAmI(_ configuration: RedisConfiguration) async throws -> String? {
        let connection = try await RedisConnection.connect(to: configuration)
        defer { connection.close() }
        return try await connection.call("ACL", "WHOAMI").string
    }

    @Test func userWithoutPasswordIsNamedInAURL() async throws {
        let options = RedisServer.Options(listensOnTCP: true, users: ["guest on nopass ~* &* +@all"])
        try await RedisServer.with(options) { server in
            for url in [
                "redis://guest@127.0.0.1:\(server.port ?? 0)", "redis://guest:@127.0.0.1:\(server.port ?? 0)/1",
                "redis://guest:any@127.0.0.1:\(server.port ?? 0)", "unix://guest@\(server.socketPath)",
            ] {
                let user = try await whoAmI(RedisConfiguration(url: url))
                #expect(user == "guest")
            }
        }
    }

    @Test func userWithoutPasswordIsRefusedIfTheUserHasOne() async throws {
        let options = RedisServer.Options(listensOnTCP: true, users: ["alice on >wonder ~* &* +@all"])
        try await RedisServer.with(options) { server in
            let configuration = try RedisConfiguration(url: "redis://alice@127.0.0.1:\(server.port ?? 0)")
            let error = await #expect(throws: RedisError.self) { try await whoAmI(configuration) }
            #expect(error?.code == "WRONGPASS")
        }
    }

    /// A password as a file would hold it.
    private final class Rotation: Sendable {
        let password: Mutex<String>
        let readings = Recorder<String>()

        init(_ password: String) {
            self.password = Mutex(password)
        }

        var source: PasswordSource {
            PasswordSource("the rotation") { [self] in
                let now = password.withLock { $0 }
                readings.note(now)
                return Secret(now)
            }
        }
    }

    @Test func passwordIsReadAgainAfterARotation() async throws {
        try await RedisServer.with(.init(password: "old")) { server in
            let rotation = Rotation("old")
            var configuration = server.configuration
            configuration.password = nil
            configuration.passwordSource = rotation.source
            let pool = RedisPool(configuration)
            defer { pool.close() }
            let blocking = BlockingRedisConnection(configuration, name: "tests:password")
            #expect(try await whoAmI(configuration) == "default")
            #expect(try blocking.execute(RedisPipeline("PING"), for: nil, timeout: .seconds(20))[0].string == "PONG")
            #expect(rotation.readings.values == ["old"])

            let admin = try await RedisConnection.connect(to: server.configuration)
            try await admin.call("CONFIG", "SET", "requirepass", "new")
            rotation.password.withLock { $0 = "new" }
            try await admin.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            #expect(try await whoAmI(configuration) == "default")
            #expect(rotation.readings.values == ["old", "new"])
            // The others have the new one without reading it.
            #expect(try await pool.withConnection(for: nil) { try await $0.call("PING").string } == "PONG")
            #expect(try blocking.execute(RedisPipeline("PING"), for: nil, timeout: .seconds(20))[0].string == "PONG")
            #expect(rotation.readings.count == 2)
        }
    }

    @Test func passwordIsReadWhenTheServerBeginsToWantOne() async throws {
        try await RedisServer.with { server in
            let rotation = Rotation("")
            var configuration = server.configuration
            configuration.passwordSource = rotation.source
            let admin = try await RedisConnection.connect(to: server.configuration)
            try await admin.call("CONFIG", "SET", "requirepass", "new")
            rotation.password.withLock { $0 = "new" }
            #expect(try await whoAmI(configuration) == "default")
        }
    }

    @Test func unchangedPasswordIsTriedOnce() async throws {
        try await RedisServer.with(.init(password: "right")) { server in
            let rotation = Rotation("wrong")
            var configuration = server.configuration
            configuration.passwordSource = rotation.source
            let error = await #expect(throws: RedisError.self) { try await whoAmI(configuration) }
            #expect(error?.code == "WRONGPASS")
            #expect(rotation.readings.values == ["wrong", "wrong"])
            #expect(!"\(String(reflecting: error))\(String(reflecting: configuration))".contains("wrong\""))
        }
    }

    @Test func failureToReadAPasswordIsTheReason() async throws {
        struct Locked: Error, CustomStringConvertible {
            let description = "the vault is locked"
        }
        try await RedisServer.with(.init(password: "right")) { server in
            let read: @Sendable () throws -> Secret = { throw Locked() }
            var configuration = server.configuration
            configuration.passwordSource = PasswordSource("the vault", read: read)
            let error = await #expect(throws: RedisError.self) { try await whoAmI(configuration) }
            #expect(error?.kind == .connectFailed)
            #expect(error?.reason == "the password cannot be read from the vault: the vault is locked")
            // A password that was read before is kept.
            configuration.passwordSource = PasswordSource("the vault", initial: Secret("right"), read: read)
            let user = try await whoAmI(configuration)
            #expect(user == "default")
        }
    }

    @Test func sentinelsAreGivenTheNewPasswordToo() async throws {
        let options = RedisServer.Options(listensOnTCP: true, password: "new", isSentinel: true)
        try await RedisServer.with(options) { sentinel in
            let rotation = Rotation("old")
            var configuration = RedisConfiguration(
                address: .sentinel(service: "none", sentinels: [.init("127.0.0.1", port: sentinel.port ?? 0)]))
            configuration.passwordSource = rotation.source
            let refused = await #expect(throws: RedisError.self) { try await whoAmI(configuration) }
            #expect(refused?.code == "WRONGPASS")
            rotation.password.withLock { $0 = "new" }
            let error = await #expect(throws: RedisError.self) { try await whoAmI(configuration) }
            #expect(error?.reason == "no sentinel knows a service none")
        }
    }
}
