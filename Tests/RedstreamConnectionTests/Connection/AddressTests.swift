import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamConnection

/// All addresses of a name are tried, within the time for connecting.
@Suite(.timeLimit(.minutes(3))) struct AddressTests {
    /// The host `both`, which a resolver of the test's own knows at these addresses.
    static func configuration(_ addresses: SocketAddress?..., port: Int = 1) -> RedisConfiguration {
        var configuration = RedisConfiguration(address: .tcp(host: "both", port: port), connectTimeout: .seconds(20))
        let known = addresses
        configuration.resolver = HostResolver("\(addresses)") { host, _ in
            host == "both" ? .success(known.compactMap(\.self)) : .failure(.init("unknown"))
        }
        return configuration
    }

    private func expectAnswer(from configuration: RedisConfiguration) async throws {
        let connection = try await RedisConnection.connect(to: configuration)
        defer { connection.close() }
        let answer = try await connection.call("PING").string
        #expect(answer == "PONG")
    }

    @Test func secondAddressIsTriedAfterRefusal() async throws {
        try await RedisServer.with(.init(listensOnTCP: true)) { server in
            let port = server.port ?? 0
            let good = SocketAddress(ip: "127.0.0.1", port: port)
            // Nobody listens there: the server is bound to 127.0.0.1.
            let bad = SocketAddress(ip: "::1", port: port)
            try await expectAnswer(from: Self.configuration(bad, good))
            try await expectAnswer(from: Self.configuration(good, bad))
            let blocking = BlockingRedisConnection(Self.configuration(bad, good), name: "tests:addresses")
            let reply = try blocking.execute(RedisPipeline("PING"), for: nil, timeout: .seconds(20))[0]
            #expect(reply.string == "PONG")
        }
    }

    @Test func serverOnIPv6OnlyIsReachedByName() async throws {
        try await RedisServer.with(.init(listensOnTCP: true, lines: ["bind ::1"])) { server in
            let port = server.port ?? 0
            let addresses = ["127.0.0.1", "::1"].map { SocketAddress(ip: $0, port: port) }
            try await expectAnswer(from: Self.configuration(addresses[0], addresses[1]))
            let digits = RedisConfiguration(address: .tcp(host: "::1", port: port))
            try await expectAnswer(from: digits)
        }
    }

    @Test func silentAddressCostsAMoment() async throws {
        let silent = try SilentPort()
        try await RedisServer.with(.init(listensOnTCP: true)) { server in
            let good = SocketAddress(ip: "127.0.0.1", port: server.port ?? 0)
            let bad = SocketAddress(ip: "127.0.0.1", port: silent.port)
            let time = try await fastestTry(under: .seconds(5), of: 3) { _ in
                let began = ContinuousClock.now
                try await expectAnswer(from: Self.configuration(bad, bad, good))
                return began.duration(to: .now)
            }
            #expect(time < .seconds(5))
        }
    }

    @Test func allAddressesShareTheConnectTimeout() async throws {
        let silent = try SilentPort()
        let bad = SocketAddress(ip: "127.0.0.1", port: silent.port)
        var configuration = Self.configuration(bad, bad, bad, bad)
        configuration.connectTimeout = .milliseconds(300)
        let short = configuration
        let time = try await fastestTry(under: .seconds(1), of: 5) { _ in
            let began = ContinuousClock.now
            let error = await #expect(throws: RedisError.self) { try await expectAnswer(from: short) }
            #expect(error?.kind == .connectFailed)
            #expect(error?.reason == "Connection timed out")
            return began.duration(to: .now)
        }
        #expect(time < .seconds(1))
        #expect(time >= .milliseconds(300))
    }

    @Test func errorNamesReasonsOfAllAddresses() async throws {
        let port = try freePort()
        let refused = SocketAddress(ip: "127.0.0.1", port: port)
        let one = await #expect(throws: RedisError.self) {
            try await expectAnswer(from: Self.configuration(refused, refused))
        }
        #expect(one?.reason == "Connection refused")
        #expect(one?.description == "cannot connect to both:1: Connection refused")
        let directory = try TemporaryDirectory()
        let nothing = SocketAddress(path: "\(directory.path)/none")
        let two = await #expect(throws: RedisError.self) {
            try await expectAnswer(from: Self.configuration(refused, nothing))
        }
        #expect(two?.reason.hasPrefix("Connection refused (127.0.0.1), No such file") == true)
        let none = await #expect(throws: RedisError.self) { try await expectAnswer(from: Self.configuration()) }
        #expect(none?.kind == .connectFailed)
    }

    @Test func sentinelsAndNodesAreResolvedToo() async throws {
        try await RedisServer.with(.init(listensOnTCP: true, isSentinel: true)) { sentinel in
            let port = sentinel.port ?? 0
            let addresses = ["::1", "127.0.0.1"].map { SocketAddress(ip: $0, port: port) }
            var configuration = Self.configuration(addresses[0], addresses[1])
            configuration.address = .sentinel(service: "none", sentinels: [.init("both", port: port)])
            let error = await #expect(throws: RedisError.self) { try await expectAnswer(from: configuration) }
            #expect(error?.reason == "no sentinel knows a service none")
        }
        let node = try #require(try await RedisCluster.shared.nodes.first?.port)
        let addresses = ["::1", "127.0.0.1"].map { SocketAddress(ip: $0, port: node) }
        var configuration = Self.configuration(addresses[0], addresses[1])
        configuration.address = .cluster(nodes: [.init("both", port: node)])
        try await expectAnswer(from: configuration)
    }

    @Test func addressFamiliesTakeTurns() {
        let addresses = ["127.0.0.1", "127.0.0.2", "127.0.0.3", "::1", "::2"].compactMap {
            SocketAddress(ip: $0, port: 1)
        }
        #expect(addresses.interleaved.map(\.ip) == ["127.0.0.1", "::1", "127.0.0.2", "::2", "127.0.0.3"])
        #expect([SocketAddress]().interleaved.isEmpty)
    }

    @Test func onlyDigitsAreAnAddress() {
        #expect(SocketAddress(ip: "127.0.0.1", port: 1)?.ip == "127.0.0.1")
        #expect(SocketAddress(ip: "::1", port: 1)?.ip == "::1")
        for name in ["localhost", "", "::1::", "1.2.3.4.5"] { #expect(SocketAddress(ip: name, port: 1) == nil) }
        #expect(SocketAddress(path: String(repeating: "a", count: 200)) == nil)
    }

    @Test func unknownNameIsNamedAsReason() async throws {
        var configuration = Self.configuration()
        configuration.address = .tcp(host: "elsewhere", port: 1)
        let error = await #expect(throws: RedisError.self) { try await expectAnswer(from: configuration) }
        #expect(error?.reason == "the name of the host cannot be resolved: unknown")
    }

    @Test func overlongSocketPathIsRefused() async throws {
        let path = "/" + String(repeating: "a", count: 200)
        let error = await #expect(throws: RedisError.self) {
            try await expectAnswer(from: RedisConfiguration(address: .unix(path: path)))
        }
        #expect(error?.reason == "File name too long")
    }
}
