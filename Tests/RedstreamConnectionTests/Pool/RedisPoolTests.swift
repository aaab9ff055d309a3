import Redstream
import RedstreamConnection
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct RedisPoolTests {
    @Test func manyCallersShareAFewConnections() async throws {
        try await withNamespace { fixture in
            let name = "pool-\(fixture.namespace)"
            let pool = RedisPool(
                fixture.server.configuration, settings: .init(size: 3, waitTimeout: .seconds(60)), name: name)
            defer { pool.close() }
            let seen = Recorder<Int>()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<200 {
                    group.addTask {
                        let id = try await pool.withConnection(for: nil) { try await $0.call("CLIENT", "ID").integer }
                        seen.note(id ?? 0)
                    }
                }
                try await group.waitForAll()
            }
            #expect(Set(seen.values).count <= 3)
            #expect(try await clients(named: name, fixture) <= 3)
        }
    }

    @Test func whoGetsNoConnectionInTimeIsToldSo() async throws {
        try await withNamespace { fixture in
            let settings = RedisPool.Settings(size: 1, waitTimeout: .milliseconds(50))
            let pool = RedisPool(fixture.server.configuration, settings: settings)
            defer { pool.close() }
            try await pool.withConnection(for: nil) { _ in
                let error = await #expect(throws: RedisError.self) { try await pool.withConnection(for: nil) { _ in } }
                #expect(error?.kind == .poolExhausted)
                #expect(error?.retryAdvice == .retry)
            }
            // The place is free again for the next.
            try await pool.withConnection(for: nil) { _ = try await $0.call("PING") }
        }
    }

    @Test func aCallerThatWaitsGetsTheConnectionThatComesBack() async throws {
        try await withNamespace { fixture in
            let pool = RedisPool(
                fixture.server.configuration, settings: .init(size: 1, waitTimeout: .seconds(60)))
            defer { pool.close() }
            let waiter = try await pool.withConnection(for: nil) { connection in
                let first = try await connection.call("CLIENT", "ID").integer
                let executor = WatchedExecutor()
                let waiter = Task(executorPreference: executor) {
                    try await pool.withConnection(for: nil) { try await $0.call("CLIENT", "ID").integer } == first
                }
                try await executor.untilQuiet()
                return waiter
            }
            #expect(try await waiter.value)
        }
    }

    @Test func callersAreServedInTheOrderInWhichTheyCame() async throws {
        try await withNamespace { fixture in
            let pool = RedisPool(
                fixture.server.configuration, settings: .init(size: 1, waitTimeout: .seconds(60)))
            defer { pool.close() }
            let order = Recorder<Int>()
            let tasks = try await pool.withConnection(for: nil) { _ in
                let executor = WatchedExecutor()
                var tasks: [Task<Void, any Error>] = []
                for number in 0..<10 {
                    tasks.append(
                        Task(executorPreference: executor) {
                            try await pool.withConnection(for: nil) { _ in
                                order.note(number)
                                // Whoever comes back at once must not overtake those that wait.
                                await Task.yield()
                            }
                        })
                    try await executor.untilQuiet()
                }
                return tasks
            }
            for task in tasks { try await task.value }
            #expect(order.values == Array(0..<10))
        }
    }

    @Test func aWaiterThatIsCancelledLeavesTheLine() async throws {
        try await withNamespace { fixture in
            let pool = RedisPool(
                fixture.server.configuration, settings: .init(size: 1, waitTimeout: .seconds(60)))
            defer { pool.close() }
            try await pool.withConnection(for: nil) { _ in
                let executor = WatchedExecutor()
                let waiter = Task(executorPreference: executor) { try await pool.withConnection(for: nil) { _ in } }
                try await executor.untilQuiet()
                waiter.cancel()
                await #expect(throws: CancellationError.self) { try await waiter.value }
            }
            try await pool.withConnection(for: nil) { _ = try await $0.call("PING") }
        }
    }

    @Test func blockedReadersTakeNoPlaces() async throws {
        try await withNamespace { fixture in
            let settings = RedisPool.Settings(size: 1, waitTimeout: .milliseconds(500))
            let pool = RedisPool(fixture.server.configuration, settings: settings)
            defer { pool.close() }
            let key = fixture.keys.stream("list")
            let name = "reader-\(fixture.namespace)"
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<5 {
                    group.addTask {
                        _ = try await pool.withOwnConnection(name: name, for: nil) {
                            try await $0.execute(RedisPipeline("BRPOP", key, 60), blocking: .seconds(60))
                        }
                    }
                }
                try await eventually { try await clients(named: name, fixture) == 5 }
                try await pool.withConnection(for: nil) { _ = try await $0.call("LPUSH", key, 1, 2, 3, 4, 5) }
                try await group.waitForAll()
            }
            try await eventually { try await clients(named: name, fixture) == 0 }
        }
    }

    @Test func connectionsThatDiedWhileIdleAreReplaced() async throws {
        try await RedisServer.with { server in
            let pool = RedisPool(server.configuration, settings: .init(size: 4))
            defer { pool.close() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask { try await pool.withConnection(for: nil) { _ = try await $0.call("PING") } }
                }
                try await group.waitForAll()
            }
            try await server.restart()
            for _ in 0..<8 { try await pool.withConnection(for: nil) { _ = try await $0.call("PING") } }
        }
    }

    @Test func aConnectionThatBrokeInUseIsNotLentAgain() async throws {
        try await withNamespace { fixture in
            let pool = RedisPool(fixture.server.configuration, settings: .init(size: 1))
            defer { pool.close() }
            await #expect(throws: RedisError.self) {
                try await pool.withConnection(for: nil) { connection in
                    let id = try #require(try await connection.call("CLIENT", "ID").integer)
                    try await fixture.redis("CLIENT", "KILL", "ID", id)
                    try await connection.call("PING")
                }
            }
            let answer = try await pool.withConnection(for: nil) { try await $0.call("PING").string }
            #expect(answer == "PONG")
        }
    }

    @Test func aFailedConnectGivesItsPlaceBack() async throws {
        try await RedisServer.with { server in
            let pool = RedisPool(
                server.configuration, settings: .init(size: 1, waitTimeout: .milliseconds(100)))
            defer { pool.close() }
            try await server.stop()
            for _ in 0..<3 {
                let error = await #expect(throws: RedisError.self) { try await pool.withConnection(for: nil) { _ in } }
                #expect(error?.kind == .connectFailed)
            }
            try await server.restart()
            try await pool.withConnection(for: nil) { _ = try await $0.call("PING") }
        }
    }

    @Test func closingEndsIdleConnectionsAndThoseThatComeBack() async throws {
        try await withNamespace { fixture in
            let name = "pool-\(fixture.namespace)"
            let pool = RedisPool(fixture.server.configuration, settings: .init(size: 2), name: name)
            try await pool.withConnection(for: nil) { lent in
                try await pool.withConnection(for: nil) { _ in }
                pool.close()
                #expect(try await lent.call("PING").string == "PONG")
            }
            try await eventually { try await clients(named: name, fixture) == 0 }
        }
    }

    @Test func anApplicationSharesItsPoolWithAClient() async throws {
        try await withNamespace { fixture in
            let name = "pool-\(fixture.namespace)"
            let pool = RedisPool(fixture.server.configuration, settings: .init(size: 1), name: name)
            defer { pool.close() }
            let client = StreamClient(pool: pool, namespace: fixture.namespace)
            let messages = [OutgoingMessage(payload: "1".utf8)]
            try await Producer(client).queue(messages, on: "s")
            let length = try await pool.withConnection(for: nil) {
                try await $0.call("XLEN", client.keys.stream("s")).integer
            }
            #expect(length == 1)
            #expect(try await clients(named: name, fixture) == 1)
        }
    }

    private func clients(named name: String, _ fixture: Fixture) async throws -> Int {
        let list = try await fixture.redis("CLIENT", "LIST").string ?? ""
        return list.split(separator: "\n").count { $0.contains("name=\(name) ") }
    }
}
