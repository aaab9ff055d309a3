import Redstream
import RedstreamConnection
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct CancellationTests {
    @Test func aBlockedReadIsWokenAtOnce() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.stream("list")
            let fastest = try await fastestTry(under: .milliseconds(100)) { _ in
                let connection = try await RedisConnection.connect(
                    to: fixture.server.configuration, name: fixture.namespace)
                return try await durationOfCancelling(fixture, connection) {
                    _ = try await connection.execute(RedisPipeline("BRPOP", key, 60), blocking: .seconds(60))
                }
            }
            #expect(fastest < .milliseconds(100))
            // The server forgets the blocked command with its connection.
            try await eventually { try await blockedClients(fixture) == 0 }
        }
    }

    @Test func closingWakesABlockedReadToo() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.stream("list")
            let connection = try await RedisConnection.connect(
                to: fixture.server.configuration, name: fixture.namespace)
            let blocked = Task {
                try await connection.execute(RedisPipeline("BRPOP", key, 60), blocking: .seconds(60))
            }
            try await eventually { try await blockedClients(fixture) == 1 }
            connection.close()
            let error = await #expect(throws: RedisError.self) { try await blocked.value }
            #expect(error?.kind == .cancelled)
        }
    }

    @Test func aTaskThatWasCancelledSendsNothing() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.stream("key")
            let connection = try await RedisConnection.connect(
                to: fixture.server.configuration, name: fixture.namespace)
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                try await connection.call("SET", key, "1")
            }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await fixture.redis("EXISTS", key).integer == 0)
        }
    }

    @Test func connectingToAServerThatDoesNotAnswerCanBeCancelled() async throws {
        let greetings = Recorder<[UInt8]>()
        let server = try FakeServer { peer in
            greetings.note(peer.read())
            // Until the client goes away.
            _ = peer.read()
        }
        let fastest = try await fastestTry(under: .milliseconds(100)) { number in
            let task = Task { try await RedisConnection.connect(to: server.configuration) }
            try await eventually("it waits for the answer to its handshake") { greetings.count == number + 1 }
            let start = ContinuousClock.now
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            return start.duration(to: .now)
        }
        #expect(fastest < .milliseconds(100))
    }

    private func durationOfCancelling(
        _ fixture: Fixture, _ connection: RedisConnection, _ body: @escaping @Sendable () async throws -> Void
    ) async throws -> Duration {
        let before = try await blockedClients(fixture)
        let task = Task { try await body() }
        try await eventually { try await blockedClients(fixture) > before }
        let start = ContinuousClock.now
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        let duration = start.duration(to: .now)
        #expect(await !connection.isUsable)
        return duration
    }

    /// The connections of a test that wait with BRPOP on a list.
    private func blockedClients(_ fixture: Fixture) async throws -> Int {
        let list = try await fixture.redis("CLIENT", "LIST").string ?? ""
        return list.split(separator: "\n").count {
            $0.contains("name=\(fixture.namespace) ") && $0.contains("cmd=brpop")
        }
    }
}
