import Redstream
import RedstreamConnection
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct RedisConnectionTests {
    @Test func aPipelineIsAnsweredInOrder() async throws {
        try await withNamespace { fixture in
            let connection = try await RedisConnection.connect(to: fixture.server.configuration)
            defer { connection.close() }
            var pipeline = RedisPipeline()
            for number in 0..<5000 { pipeline.append("ECHO", number) }
            let replies = try await connection.execute(pipeline)
            #expect(replies.map(\.integer) == (0..<5000).map { $0 })
        }
    }

    @Test func anErrorIsAReplyOfItsOwnCommandOnly() async throws {
        let connection = try await RedisConnection.connect(to: RedisServer.shared.configuration)
        defer { connection.close() }
        var pipeline = RedisPipeline("ECHO", "a")
        pipeline.append("NOSUCHCOMMAND")
        pipeline.append("ECHO", "b")
        let replies = try await connection.execute(pipeline)
        #expect(replies.map(\.string)[0] == "a")
        #expect(replies.firstError?.error?.code == "ERR")
        #expect(replies[2].string == "b")
        await #expect(throws: RedisError.self) { try await connection.executeChecked(pipeline) }
        #expect(await connection.isUsable)
    }

    @Test func megabytesGoBothWays() async throws {
        let connection = try await RedisConnection.connect(to: RedisServer.shared.configuration)
        defer { connection.close() }
        let bytes = [UInt8](repeating: 0x7e, count: 8 << 20)
        #expect(try await connection.call("ECHO", bytes).bytes == bytes[...])
    }

    @Test func repliesCanBeFetchedLater() async throws {
        let connection = try await RedisConnection.connect(to: RedisServer.shared.configuration)
        defer { connection.close() }
        var pipeline = RedisPipeline("ECHO", 1)
        pipeline.append("ECHO", 2)
        try await connection.send(pipeline)
        try await connection.send(RedisPipeline("ECHO", 3))
        #expect(await !connection.isUsable)
        #expect(try await connection.receive(1).map(\.integer) == [1])
        #expect(try await connection.receive(2).map(\.integer) == [2, 3])
        #expect(await connection.isUsable)
    }

    @Test func aServerThatIsNotThereIsAConnectFailure() async throws {
        let directory = try TemporaryDirectory()
        let unix = RedisConfiguration(address: .unix(path: "\(directory.path)/none"))
        let tcp = RedisConfiguration(address: .tcp(host: "127.0.0.1", port: try freePort()))
        for configuration in [unix, tcp] {
            let error = await #expect(throws: RedisError.self) {
                try await RedisConnection.connect(to: configuration)
            }
            #expect(error?.kind == .connectFailed)
            #expect(error?.description.contains(configuration.address.description) == true)
        }
    }

    @Test func tcpWorksAsTheSocketDoes() async throws {
        try await RedisServer.with(.init(listensOnTCP: true)) { server in
            let connection = try await RedisConnection.connect(to: server.tcpConfiguration)
            defer { connection.close() }
            let port = try #require(server.port)
            #expect(connection.address == "127.0.0.1:\(port)")
            #expect(try await connection.call("PING").string == "PONG")
        }
    }

    @Test func aServerThatDoesNotAnswerIsTimedOut() async throws {
        try await RedisServer.with { server in
            var configuration = server.configuration
            configuration.commandTimeout = .milliseconds(100)
            let connection = try await RedisConnection.connect(to: configuration)
            server.pause()
            let error = await #expect(throws: RedisError.self) { try await connection.call("PING") }
            #expect(error?.kind == .timedOut)
            #expect(await !connection.isUsable)
            // A connection that was given up stays so: its replies could be taken for others.
            server.resume()
            let second = await #expect(throws: RedisError.self) { try await connection.call("PING") }
            #expect(second?.kind == .connectionLost)
        }
    }

    @Test func aPausedServerCannotHoldUpAConnectForEver() async throws {
        try await RedisServer.with { server in
            var configuration = server.configuration
            configuration.commandTimeout = .milliseconds(100)
            server.pause()
            let error = await #expect(throws: RedisError.self) {
                try await RedisConnection.connect(to: configuration)
            }
            #expect(error?.kind == .timedOut)
        }
    }

    @Test func aBlockingCommandOutlivesTheCommandTimeout() async throws {
        try await withNamespace { fixture in
            var configuration = fixture.server.configuration
            configuration.commandTimeout = .milliseconds(200)
            let connection = try await RedisConnection.connect(to: configuration)
            defer { connection.close() }
            let key = fixture.keys.stream("list")
            let start = ContinuousClock.now
            let replies = try await connection.execute(
                RedisPipeline("BLPOP", key, "0.6"), blocking: .milliseconds(600))
            #expect(replies[0].isNull)
            #expect(start.duration(to: .now) >= .milliseconds(550))
        }
    }

    @Test func aConnectionThatTheServerClosesIsLost() async throws {
        try await withNamespace { fixture in
            let connection = try await RedisConnection.connect(to: fixture.server.configuration)
            let id = try #require(try await connection.call("CLIENT", "ID").integer)
            try await fixture.redis("CLIENT", "KILL", "ID", id)
            let error = await #expect(throws: RedisError.self) { try await connection.call("PING") }
            #expect(error?.kind == .connectionLost)
            #expect(error?.retryAdvice == .retry)
            #expect(await !connection.isUsable)
        }
    }

    @Test func repliesThatAreLostStayLost() async throws {
        let server = try FakeServer { peer in
            peer.shakeHands()
            _ = peer.read()
        }
        let connection = try await RedisConnection.connect(to: server.configuration)
        for _ in 0..<2 { try? await connection.send(RedisPipeline("PING")) }
        for _ in 0..<3 {
            let error = await #expect(throws: RedisError.self) { try await connection.receive(1) }
            #expect(error?.kind == .connectionLost)
        }
        #expect(await !connection.isUsable)
    }

    @Test func idleConnectionThatIsClosedSendsNothing() async throws {
        try await withNamespace { fixture in
            let connection = try await RedisConnection.connect(to: fixture.server.configuration)
            let id = try #require(try await connection.call("CLIENT", "ID").integer)
            #expect(await connection.isFresh())
            try await fixture.redis("CLIENT", "KILL", "ID", id)
            #expect(await !connection.isFresh())
            let error = await #expect(throws: RedisError.self) { try await connection.call("PING") }
            #expect(error?.cause == .closedWhileIdle)
        }
    }

    @Test func writingToAServerThatWentAwayDoesNotEndTheProcess() async throws {
        let server = try FakeServer { peer in
            peer.shakeHands()
        }
        let connection = try await RedisConnection.connect(to: server.configuration)
        // More than the socket holds: with the peer gone, the write itself fails with EPIPE.
        let large = [UInt8](repeating: 0, count: 8 << 20)
        let error = await #expect(throws: RedisError.self) { try await connection.call("ECHO", large) }
        #expect(error?.kind == .connectionLost)
    }
}
