import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamConnection

/// Connections that follow their keys through a real cluster.
@Suite(.timeLimit(.minutes(3))) struct ClusterTests {
    /// A pool that knows the cluster as it is now.
    private func withPool(
        _ cluster: RedisCluster, _ body: (RedisPool) async throws -> Void
    ) async throws {
        var configuration = cluster.configuration()
        configuration.connectTimeout = .seconds(30)
        configuration.commandTimeout = .seconds(30)
        let pool = RedisPool(configuration)
        defer { pool.close() }
        try await pool.withConnection(for: nil) { _ = try await $0.call("PING") }
        try await body(pool)
    }

    private func address(_ node: RedisServer) -> String { RedisCluster.host(node).description }

    @Test func aConnectionGoesToTheNodeThatServesItsKey() async throws {
        let cluster = try await RedisCluster.shared
        try await withPool(cluster) { pool in
            for _ in 0..<20 {
                let key = RedisCluster.uniqueTag()
                let address = try await pool.withConnection(for: key) { connection in
                    _ = try await connection.call("SET", key, "1", "PX", 60_000)
                    return connection.address
                }
                #expect(address == self.address(try await cluster.owner(of: key)))
                // Without a detour: it is the node that the map names.
                #expect(try await pool.withConnection(for: key) { $0.address } == address)
            }
        }
    }

    @Test func aSlotThatHasMovedIsFollowedAndRemembered() async throws {
        let cluster = try await RedisCluster.shared
        let key = RedisCluster.uniqueTag()
        try await withPool(cluster) { pool in
            try await pool.withConnection(for: key) { connection in
                _ = try await connection.call("RPUSH", key, 1)
                let migration = try await SlotMigration(cluster, of: key)
                try await migration.run()
                #expect(connection.address == address(migration.source))
                #expect(try await connection.call("RPUSH", key, 2).integer == 2)
                #expect(connection.address == address(migration.target))
                #expect(await connection.isUsable)
            }
            let target = try await cluster.owner(of: key)
            #expect(try await pool.withConnection(for: key) { $0.address } == address(target))
            try await cluster.redis(for: key, "DEL", key)
        }
    }

    @Test func inTheMiddleOfAMigrationEachKeyIsFoundWhereItIs() async throws {
        let cluster = try await RedisCluster.shared
        let tag = RedisCluster.uniqueTag()
        let (gone, staying) = ("\(tag)gone", "\(tag)staying")
        try await withPool(cluster) { pool in
            for key in [gone, staying] { try await cluster.redis(for: key, "SET", key, key) }
            let migration = try await SlotMigration(cluster, of: tag)
            try await migration.begin()
            try await migration.move(gone)
            try await pool.withConnection(for: tag) { connection in
                var pipeline = RedisPipeline("GET", staying)
                pipeline.append("GET", gone)
                pipeline.append("SET", "\(tag)new", "new")
                pipeline.append("GET", "\(tag)new")
                pipeline.append("TIME")
                let replies = try await connection.executeChecked(pipeline)
                #expect(replies.map(\.string) == [staying, gone, "OK", "new", nil])
                #expect(replies[4].elements.count == 2)
                // Nothing is settled yet: the slot is still asked for where it was.
                #expect(connection.address == address(migration.source))
            }
            try await migration.moveAll()
            try await migration.finish()
            try await cluster.redis(for: tag, "DEL", gone, staying, "\(tag)new")
        }
    }

    @Test func aWAITIsNotAskedOfANodeThatHasNotTakenAllThatItSpeaksFor() async throws {
        let cluster = try await RedisCluster.shared
        let tag = RedisCluster.uniqueTag()
        let (gone, staying) = ("\(tag)gone", "\(tag)staying")
        try await withPool(cluster) { pool in
            for key in [gone, staying] { try await cluster.redis(for: key, "SET", key, 0) }
            let migration = try await SlotMigration(cluster, of: tag)
            try await migration.begin()
            try await migration.move(gone)
            try await pool.withConnection(for: tag) { connection in
                var pipeline = RedisPipeline("INCR", staying)
                pipeline.append("INCR", gone)
                pipeline.append("WAIT", 0, 100)
                let commands = pipeline
                let error = await #expect(throws: RedisError.self) { try await connection.execute(commands) }
                #expect(error?.kind == .slotMoved)
            }
            try await migration.moveAll()
            try await migration.finish()
            try await cluster.redis(for: tag, "DEL", gone, staying)
        }
    }

    @Test func whatWasRefusedIsSentOnInOrderWithItsWAIT() async throws {
        let cluster = try await RedisCluster.shared
        let key = RedisCluster.uniqueTag()
        try await withPool(cluster) { pool in
            try await pool.withConnection(for: key) { connection in
                try await SlotMigration(cluster, of: key).run()
                var pipeline = RedisPipeline()
                for number in 1...100 { pipeline.append("RPUSH", key, number) }
                pipeline.append("WAIT", 0, 100)
                let replies = try await connection.executeChecked(pipeline)
                #expect(replies.map(\.integer) == Array(1...100) + [0])
            }
            let list = try await cluster.redis(for: key, "LRANGE", key, 0, -1).elements.map(\.integer)
            #expect(list == Array(1...100))
            try await cluster.redis(for: key, "DEL", key)
        }
    }

    @Test func nodesThatSendEachOtherTheSlotAreWaitedForAndTheOrderHolds() async throws {
        let cluster = try await RedisCluster.shared
        let key = RedisCluster.uniqueTag()
        try await withPool(cluster) { pool in
            let migration = try await SlotMigration(cluster, of: key)
            try await migration.begin()
            try await migration.letGo()
            let name = "pusher-of-\(key)"
            let isDone = Recorder<Bool>()
            let pushing = Task {
                defer { isDone.note(true) }
                while true {
                    do {
                        return try await pool.withOwnConnection(name: name, for: key) { connection in
                            var pipeline = RedisPipeline()
                            for number in 1...2000 { pipeline.append("RPUSH", key, number) }
                            return try await connection.executeChecked(pipeline).compactMap(\.integer)
                        }
                    } catch let error as RedisError where error.kind == .slotMoved {
                        // Nodes are waited for some seconds, which a busy machine may take to look at them.
                        continue
                    }
                }
            }
            // Valkey's nodes settle this by themselves, a little later.
            try await eventually("the target has refused it, or has come to serve it") {
                if isDone.count > 0 { return true }
                return try await cluster.call(migration.target, "CLIENT", "LIST").string?.split(separator: "\n")
                    .contains {
                        $0.contains("name=\(name) ") && $0.contains("cmd=rpush")
                    } == true
            }
            try await migration.finish()
            let lengths = try await pushing.value
            #expect(lengths.elementsEqual(1...2000))
            let list = try await cluster.redis(for: key, "LRANGE", key, 0, -1).elements.compactMap(\.integer)
            #expect(list.elementsEqual(1...2000))
            try await cluster.redis(for: key, "DEL", key)
        }
    }

    @Test func aTransactionIsNeverCarriedOnAtAnotherNode() async throws {
        let cluster = try await RedisCluster.shared
        let key = RedisCluster.uniqueTag()
        try await withPool(cluster) { pool in
            try await pool.withOwnConnection(name: "test", for: key) { connection in
                var look = RedisPipeline("WATCH", key)
                look.append("GET", key)
                _ = try await connection.executeChecked(look)
                try await SlotMigration(cluster, of: key).run()
                var change = RedisPipeline("MULTI")
                change.append("SET", key, "changed")
                change.append("EXEC")
                let error = await #expect(throws: RedisError.self) { _ = try await connection.execute(change) }
                #expect(error?.kind == .slotMoved)
                #expect(error?.retryAdvice == .retry)
                #expect(await !connection.isUsable)
            }
            #expect(try await cluster.redis(for: key, "EXISTS", key).integer == 0)
            // Another connection meets the other node at once.
            try await pool.withOwnConnection(name: "test", for: key) { connection in
                _ = try await connection.executeChecked(RedisPipeline("WATCH", key))
            }
        }
    }

    @Test func whoWaitsAtANodeGoesOnAtTheNextWhenTheSlotMoves() async throws {
        let cluster = try await RedisCluster.shared
        let key = RedisCluster.uniqueTag()
        try await withPool(cluster) { pool in
            let source = try await cluster.owner(of: key)
            let waiter = Task {
                try await pool.withOwnConnection(name: "waiter-of-\(key)", for: key) { connection in
                    let replies = try await connection.executeChecked(
                        RedisPipeline("BRPOP", key, 60), blocking: .seconds(60))
                    return (replies[0].elements.last?.string, connection.address)
                }
            }
            try await eventually("it waits") {
                try await cluster.call(source, "CLIENT", "LIST").string?.split(separator: "\n").contains {
                    $0.contains("name=waiter-of-\(key)") && $0.contains("cmd=brpop")
                } == true
            }
            let migration = try await SlotMigration(cluster, of: key)
            try await migration.run()
            try await cluster.redis(for: key, "RPUSH", key, "woken")
            let (value, place) = try await waiter.value
            #expect(value == "woken")
            #expect(place == address(migration.target))
        }
    }

    @Test func everyPrimaryIsVisitedOnce() async throws {
        let cluster = try await RedisCluster.shared
        try await withPool(cluster) { pool in
            let met = try await pool.withEachPrimary { $0.address }
            #expect(met.sorted() == cluster.nodes.map(address).sorted())
        }
    }

    @Test func aBlockingConnectionFollowsItsKeysToo() async throws {
        let cluster = try await RedisCluster.shared
        let key = RedisCluster.uniqueTag()
        let counts = BlockingCounts(cluster.configuration(), key: key)
        #expect(try await counts.next() == 1)
        let migration = try await SlotMigration(cluster, of: key)
        try await migration.begin()
        #expect(try await counts.next() == 2)
        try await migration.moveAll()
        #expect(try await counts.next() == 3)
        try await migration.finish()
        #expect(try await counts.next() == 4)
        try await cluster.redis(for: key, "DEL", key)
    }

    @Test func aServerOfItsOwnIsToldFromACluster() async throws {
        try await RedisServer.with(.init(listensOnTCP: true)) { server in
            var configuration = server.configuration
            configuration.address = .cluster(nodes: [RedisCluster.host(server)])
            let address = configuration
            let error = await #expect(throws: RedisError.self) { _ = try await RedisConnection.connect(to: address) }
            #expect(error?.reason.contains("cluster support disabled") == true)
            #expect(error?.retryAdvice == .fail)
        }
    }

    @Test func aClusterOfWhichNobodyAnswersIsAConnectionThatFailed() async throws {
        let port = try freePort()
        let configuration = RedisConfiguration(address: .cluster(nodes: [.init("127.0.0.1", port: port)]))
        let error = await #expect(throws: RedisError.self) {
            _ = try await RedisConnection.connect(to: configuration)
        }
        #expect(error?.kind == .connectFailed)
        #expect(error?.reason.hasPrefix("no node of the cluster answers; cannot connect to 127.0.0.1:\(port)") == true)
    }
}

/// Counts by a blocking connection, on a thread of its own.
private final class BlockingCounts: @unchecked Sendable {
    // Used by `thread` only.
    private let connection: BlockingRedisConnection
    private let thread = WorkerThread()
    private let key: String

    init(_ configuration: RedisConfiguration, key: String) {
        connection = BlockingRedisConnection(configuration, name: "tests:blocking")
        self.key = key
    }

    func next() async throws -> Int? {
        try await thread.run { [self] in
            try connection.execute(RedisPipeline("INCR", key), for: key, timeout: .seconds(20))[0].get().integer
        }
    }
}
