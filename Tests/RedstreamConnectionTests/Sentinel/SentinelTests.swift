import Foundation
import TestSupport
import Testing

@testable import RedstreamConnection

/// Following the primary of a service, with real sentinels.
@Suite(.timeLimit(.minutes(3))) struct SentinelTests {
    @Test func theNewestKnowledgeWinsAndAmongEqualsTheMajority() {
        func answer(_ port: Int, _ epoch: Int) -> SentinelAnswer {
            SentinelAnswer(primary: RedisConfiguration.Host("h", port: port), epoch: epoch)
        }
        #expect(SentinelAnswer.best(of: []) == nil)
        #expect(SentinelAnswer.best(of: [SentinelAnswer(primary: nil, epoch: 0)]) == nil)
        #expect(SentinelAnswer.best(of: [answer(1, 3), answer(2, 4), answer(1, 3)])?.port == 2)
        #expect(
            SentinelAnswer.best(of: [answer(1, 4), answer(2, 4), answer(2, 4), SentinelAnswer(primary: nil, epoch: 9)])?
                .port == 2)
    }

    @Test(arguments: [
        ("redis+sentinel://a/shop", "shop@a:26379", 0),
        ("redis+sentinel://a,b:5,[::1]:6/shop/3", "shop@a:26379,b:5,[::1]:6", 3),
        ("redis+sentinel://u:p%40@a,b/my%20shop", "my shop@a:26379,b:26379", 0),
    ])
    func readsURLs(url: String, address: String, database: Int) throws {
        let configuration = try RedisConfiguration(url: url)
        #expect(configuration.address.description == address)
        #expect(configuration.database == database)
        #expect((configuration.password != nil) == url.contains("@"))
        #expect(configuration.password.map { $0.revealed == "p@" } ?? true)
    }

    /// A primary, its replica, and three sentinels of the service `shop`.
    private func withService(_ body: (Service) async throws -> Void) async throws {
        try await RedisServer.with(.init(listensOnTCP: true)) { primary in
            let follow = "replicaof 127.0.0.1 \(primary.port ?? 0)"
            try await RedisServer.with(.init(listensOnTCP: true, lines: [follow])) { replica in
                var sentinels: [Sentinel] = []
                for _ in 0..<3 { sentinels.append(try await Sentinel.start(watching: primary.port ?? 0)) }
                let service = Service(primary: primary, replica: replica, sentinels: sentinels)
                try await eventually("every sentinel knows the replica") {
                    for sentinel in sentinels {
                        let text = try await sentinel.call("SENTINEL", "MASTER", "shop").elements.compactMap(\.string)
                        guard let place = text.firstIndex(of: "num-slaves"), text[place + 1] == "1",
                            let others = text.firstIndex(of: "num-other-sentinels"), text[others + 1] == "2"
                        else { return false }
                    }
                    return true
                }
                try await body(service)
            }
        }
    }

    private struct Service {
        let primary: RedisServer
        let replica: RedisServer
        let sentinels: [Sentinel]

        var configuration: RedisConfiguration {
            RedisConfiguration(
                address: .sentinel(
                    service: "shop", sentinels: sentinels.map { RedisConfiguration.Host("127.0.0.1", port: $0.port) }))
        }
    }

    @Test func aFailoverIsFollowed() async throws {
        try await withService { service in
            let pool = RedisPool(service.configuration)
            defer { pool.close() }
            try await pool.withConnection(for: nil) { _ = try await $0.call("SET", "key", "before") }
            #expect(try await pool.withConnection(for: nil) { $0.address } == "127.0.0.1:\(service.primary.port ?? 0)")
            // Sentinels cut the connections to a server whose role they change.
            func value() async throws -> String? {
                let replica = try await RedisConnection.connect(to: service.replica.configuration)
                defer { replica.close() }
                return try await replica.call("GET", "key").string
            }
            try await eventually { try await value() == "before" }
            await service.primary.kill()
            try await eventually("another primary is found", within: .seconds(60)) {
                (try? await pool.withConnection(for: nil) { _ = try await $0.call("SET", "key", "after") }) != nil
            }
            #expect(try await pool.withConnection(for: nil) { $0.address } == "127.0.0.1:\(service.replica.port ?? 0)")
            #expect(try await value() == "after")
        }
    }

    @Test func aServerThatIsNoPrimaryIsNotUsed() async throws {
        try await withService { service in
            let pool = RedisPool(service.configuration)
            defer { pool.close() }
            let address = "127.0.0.1:\(service.primary.port ?? 0)"
            #expect(try await pool.withConnection(for: nil) { $0.address } == address)
            // Behind the sentinels' back, as a primary is that comes back after a failover.
            let direct = try await RedisConnection.connect(to: service.primary.configuration)
            defer { direct.close() }
            _ = try await direct.call("REPLICAOF", "127.0.0.1", service.replica.port ?? 0)
            let error = await #expect(throws: RedisError.self) {
                try await pool.withConnection(for: nil) { _ = try await $0.call("SET", "key", "lost") }
            }
            #expect(error?.code == "READONLY")
            let second = await #expect(throws: RedisError.self) {
                _ = try await RedisConnection.connect(to: service.configuration)
            }
            #expect(second?.code == "READONLY")
            #expect(second?.retryAdvice == .retry)
        }
    }

    @Test func itIsSaidWhatTheSentinelsLack() async throws {
        let sentinel = try await Sentinel.start(watching: try freePort())
        func failure(_ service: String, _ ports: Int...) async -> RedisError? {
            let hosts = ports.map { RedisConfiguration.Host("127.0.0.1", port: $0) }
            let configuration = RedisConfiguration(address: .sentinel(service: service, sentinels: hosts))
            return await #expect(throws: RedisError.self) { _ = try await RedisConnection.connect(to: configuration) }
        }
        let nobody = try freePort()
        let unknown = await failure("other", sentinel.port, nobody)
        #expect(unknown?.reason == "no sentinel knows a service other")
        let silent = await failure("shop", nobody)
        #expect(silent?.kind == .connectFailed)
        #expect(silent?.reason.contains("127.0.0.1:\(nobody)") == true)
    }
}

/// A sentinel that watches the service `shop`.
private final class Sentinel: Sendable {
    let port: Int
    private let server: RedisServer

    private init(port: Int, server: RedisServer) {
        self.port = port
        self.server = server
    }

    static func start(watching primary: Int) async throws -> Sentinel {
        let lines = [
            "sentinel monitor shop 127.0.0.1 \(primary) 2", "sentinel down-after-milliseconds shop 500",
            "sentinel failover-timeout shop 5000",
        ]
        let server = try await RedisServer.start(.init(listensOnTCP: true, isSentinel: true, lines: lines))
        return Sentinel(port: server.port ?? 0, server: server)
    }

    deinit {
        server.end()
    }

    func call(_ command: String, _ arguments: String...) async throws -> RedisReply {
        let connection = try await RedisConnection.connect(to: server.configuration)
        defer { connection.close() }
        return try await connection.call(command, arguments.map { $0 as any RedisArgument })
    }
}
