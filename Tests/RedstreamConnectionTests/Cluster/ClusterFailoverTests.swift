import TestSupport
import Testing

@testable import RedstreamConnection

/// Clusters whose nodes die.
@Suite(.timeLimit(.minutes(3))) struct ClusterFailoverTests {
    @Test func aPromotedReplicaIsFoundAlthoughEveryNamedNodeIsDead() async throws {
        try await RedisCluster.with(.init(replicas: 1)) { cluster in
            let key = RedisCluster.uniqueTag()
            let primary = try await cluster.owner(of: key)
            // The URL names the one node that is going to die.
            let pool = RedisPool(cluster.configuration(naming: [primary]))
            defer { pool.close() }
            try await pool.withConnection(for: key) { connection in
                var pipeline = RedisPipeline("SET", key, "before")
                pipeline.append("WAIT", 1, 20_000)
                let replicas = try await connection.executeChecked(pipeline)[1].integer
                #expect(replicas == 1)
            }
            await primary.kill()
            try await eventually("the successor is found", within: .seconds(60)) {
                (try? await pool.withConnection(for: key) { try await $0.call("APPEND", key, " and after") }) != nil
            }
            #expect(try await cluster.redis(for: key, "GET", key).string == "before and after")
            #expect(try await cluster.owner(of: key) !== primary)
            try await eventually("every primary that lives is visited") {
                let met = try? await pool.withEachPrimary { $0.address }
                return met?.count == 3 && met?.contains(RedisCluster.host(primary).description) == false
            }
        }
    }

    @Test func aSlotThatNobodyServesIsAnErrorThatARetryMayMend() async throws {
        try await RedisCluster.with(.init(primaries: 1)) { cluster in
            let key = RedisCluster.uniqueTag()
            let pool = RedisPool(cluster.configuration())
            defer { pool.close() }
            try await cluster.call(cluster.nodes[0], "CLUSTER", "DELSLOTS", ClusterSlot(of: key).number)
            let error = await #expect(throws: RedisError.self) {
                try await pool.withConnection(for: key) { _ = try await $0.call("GET", key) }
            }
            #expect(error?.code == "CLUSTERDOWN")
            #expect(error?.retryAdvice == .retry)
            try await cluster.call(cluster.nodes[0], "CLUSTER", "ADDSLOTS", ClusterSlot(of: key).number)
            #expect(try await pool.withConnection(for: key) { try await $0.call("GET", key).isNull })
        }
    }
}
