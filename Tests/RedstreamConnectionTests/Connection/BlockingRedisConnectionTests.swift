import RedstreamConnection
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct BlockingRedisConnectionTests {
    @Test func executesAndKeepsItsConnection() async throws {
        try await withNamespace { fixture in
            let connection = BlockingRedisConnection(fixture.server.configuration, name: "tests:blocking")
            let first = try connection.execute(RedisPipeline("CLIENT", "ID"), for: nil, timeout: .seconds(20))[0]
                .integer
            let second = try connection.execute(RedisPipeline("CLIENT", "ID"), for: nil, timeout: .seconds(20))[0]
                .integer
            #expect(first != nil)
            #expect(first == second)
            #expect(connection.address == fixture.server.socketPath)
        }
    }

    @Test func staleConnectionIsReplacedInSilence() async throws {
        try await withNamespace { fixture in
            let connection = BlockingRedisConnection(fixture.server.configuration, name: "tests:blocking")
            let first = try connection.execute(RedisPipeline("CLIENT", "ID"), for: nil, timeout: .seconds(20))[0]
                .integer
            try await fixture.redis("CLIENT", "KILL", "ID", try #require(first))
            let second = try connection.execute(RedisPipeline("CLIENT", "ID"), for: nil, timeout: .seconds(20))[0]
                .integer
            #expect(second != nil)
            #expect(first != second)
        }
    }

    @Test func waitIsNotSentOverAReplacedConnection() async throws {
        try await withNamespace { fixture in
            let connection = BlockingRedisConnection(fixture.server.configuration, name: "tests:blocking")
            let id = try connection.execute(RedisPipeline("CLIENT", "ID"), for: nil, timeout: .seconds(20))[0].integer
            try await fixture.redis("CLIENT", "KILL", "ID", try #require(id))
            // It would say that replicas have what was never written over the new connection.
            let error = #expect(throws: RedisError.self) {
                try connection.execute(RedisPipeline("wait", 0, 1), for: nil, timeout: .seconds(20))
            }
            #expect(error?.kind == .connectionLost)
        }
    }

    @Test func opensAnewAfterAFailure() async throws {
        let greetings = Recorder<Int>()
        let server = try FakeServer { peer in
            greetings.note(1)
            peer.shakeHands()
            // The first connection ends in the middle of a command.
            guard !peer.read().isEmpty, greetings.count > 1 else { return }
            peer.write("+PONG\r\n".utf8)
            _ = peer.read()
        }
        let connection = BlockingRedisConnection(server.configuration, name: "tests:blocking")
        let error = #expect(throws: RedisError.self) {
            try connection.execute(RedisPipeline("PING"), for: nil, timeout: .seconds(20))
        }
        #expect(error?.kind == .connectionLost)
        #expect(try connection.execute(RedisPipeline("PING"), for: nil, timeout: .seconds(20))[0].string == "PONG")
    }

    @Test func doesNotOutliveItsDeadline() async throws {
        try await RedisServer.with { server in
            var configuration = server.configuration
            configuration.commandTimeout = .seconds(30)
            let connection = BlockingRedisConnection(configuration, name: "tests:blocking")
            _ = try connection.execute(RedisPipeline("PING"), for: nil, timeout: .seconds(20))
            server.pause()
            let start = ContinuousClock.now
            let error = #expect(throws: RedisError.self) {
                _ = try connection.execute(RedisPipeline("PING"), for: nil, timeout: .milliseconds(100))
            }
            #expect(error?.kind == .timedOut)
            #expect(start.duration(to: .now) < .seconds(15))
            server.resume()
            #expect(try connection.execute(RedisPipeline("PING"), for: nil, timeout: .seconds(20))[0].string == "PONG")
        }
    }

    @Test func saysThatItCannotConnect() throws {
        let directory = try TemporaryDirectory()
        let configuration = RedisConfiguration(address: .unix(path: "\(directory.path)/none"))
        let connection = BlockingRedisConnection(configuration, name: "tests:blocking")
        let error = #expect(throws: RedisError.self) {
            _ = try connection.execute(RedisPipeline("PING"), for: nil, timeout: .seconds(1))
        }
        #expect(error?.kind == .connectFailed)
    }
}
