import TestSupport
import Testing

@testable import RedstreamConnection

/// The answers after which the nodes of a cluster are asked again who serves what: the same for both connections.
@Suite(.timeLimit(.minutes(1))) struct InvalidationTests {
    static let codes = ["READONLY", "CLUSTERDOWN", "UNBLOCKED", "MASTERDOWN"]

    /// A node that answers with an error, and notes how often it was asked for the slots.
    private func node(answering error: String, noting questions: Recorder<Int>) throws -> FakeNode {
        try FakeNode {
            questions.note($0)
            return FakeNode.list(FakeNode.range(0, ClusterSlot.count - 1, at: $0))
        } answer: { _, _ in
            "-\(error) it says\r\n"
        }
    }

    /// Gets the same error twice over one connection.
    ///
    /// - Returns: The number of times that the node was asked for the slots.
    private func questions(afterTwo code: String) throws -> Int {
        let questions = Recorder<Int>()
        let node = try node(answering: code, noting: questions)
        let connection = BlockingRedisConnection(
            RedisConfiguration(address: .cluster(nodes: [node.host])), name: "tests:invalidation")
        for _ in 0..<2 {
            let replies = try connection.execute(RedisPipeline("GET", "a"), for: "a", timeout: .seconds(20))
            #expect(replies[0].error?.code == code)
        }
        return questions.count
    }

    @Test(arguments: codes) func blockingConnectionAsksTheClusterAgain(after code: String) throws {
        #expect(try questions(afterTwo: code) == 2)
    }

    @Test(arguments: codes) func actorAsksTheClusterAgain(after code: String) async throws {
        let questions = Recorder<Int>()
        let node = try node(answering: code, noting: questions)
        let pool = RedisPool(RedisConfiguration(address: .cluster(nodes: [node.host])))
        defer { pool.close() }
        for _ in 0..<2 {
            let replies = try await pool.withConnection(for: "a") { try await $0.execute(RedisPipeline("GET", "a")) }
            #expect(replies[0].error?.code == code)
        }
        #expect(questions.count == 2)
    }

    @Test(arguments: ["ERR", "WRONGTYPE", "OOM", "LOADING"]) func otherErrorsLeaveTheMap(_ code: String) throws {
        #expect(try questions(afterTwo: code) == 1)
    }

    @Test func errorBehindAnotherErrorCountsToo() throws {
        let questions = Recorder<Int>()
        let node = try FakeNode {
            questions.note($0)
            return FakeNode.list(FakeNode.range(0, ClusterSlot.count - 1, at: $0))
        } answer: { _, words in
            words[0] == "GET" ? "-ERR no\r\n" : "-UNBLOCKED it says\r\n"
        }
        let connection = BlockingRedisConnection(
            RedisConfiguration(address: .cluster(nodes: [node.host])), name: "tests:invalidation")
        var pipeline = RedisPipeline("GET", "a")
        pipeline.append("BLPOP", "a", 1)
        for _ in 0..<2 { _ = try connection.execute(pipeline, for: "a", timeout: .seconds(20)) }
        #expect(questions.count == 2)
    }

    @Test func staleConnectionToANodeIsReplacedInSilence() async throws {
        let cluster = try await RedisCluster.shared
        let connection = BlockingRedisConnection(cluster.configuration(), name: "tests:stale-node")
        for key in ["a", "b", "c"] {
            _ = try connection.execute(RedisPipeline("PING"), for: key, timeout: .seconds(20))[0].get()
        }
        for server in cluster.nodes {
            let direct = try await RedisConnection.connect(to: server.configuration)
            defer { direct.close() }
            for line in (try await direct.call("CLIENT", "LIST").string ?? "").split(separator: "\n")
            where line.contains("name=tests:stale-node ") {
                guard let id = line.split(separator: " ").first?.dropFirst(3) else { continue }
                try await direct.call("CLIENT", "KILL", "ID", String(id))
            }
        }
        for key in ["a", "b", "c"] {
            #expect(
                try connection.execute(RedisPipeline("PING"), for: key, timeout: .seconds(20))[0].string == "PONG")
        }
    }
}
