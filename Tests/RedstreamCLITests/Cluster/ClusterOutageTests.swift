import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// Running processes whose primary dies.
@Suite(.timeLimit(.minutes(3))) struct ClusterOutageTests {
    @Test func aConsumerAndADelayerGoOnAtThePromotedReplica() async throws {
        try await RedisCluster.with(.init(replicas: 1)) { cluster in
            let stream = ClusterStream(cluster: cluster)
            let consumer = try stream.tool("consume", "--stream", stream.name, "--name", "indexer", "-o", "payload")
            let delayer = try stream.tool("delay", "--stream", stream.name, "--delay", "1ms")
            try await stream.run("produce", "--stream", stream.name, "--wait-replicas", "1", "1").expect(.done)
            #expect(try await consumer.nextLine() == "1")
            let primary = try await cluster.owner(of: stream.key)
            await primary.kill()
            // It finds its way although the node that it asks first may be the dead one.
            let result = try await stream.run("produce", "--stream", stream.name, "--delayed", "2")
            result.expect(.done)
            #expect(try await consumer.nextLine(within: .seconds(60)) == "2")
            for process in [consumer, delayer] {
                process.signal(SIGTERM)
                try await process.result().expect(.done)
            }
            #expect(try await stream.payloads() == ["1", "2"])
        }
    }

    @Test func whatNoReplicaHasTakenIsSaid() async throws {
        try await withClusterStream { stream in
            let result = try await stream.run(
                "produce", "--stream", stream.name, "--wait-replicas", "1", "--wait-timeout", "10ms", "1")
            result.expect(.failed)
            #expect(
                result.errors.contains("1 message is written, but 0 of 1 replicas acknowledged it"), "\(result.errors)")
        }
    }

    @Test func aSlotThatNobodyServesIsTriedForAWhile() async throws {
        try await RedisCluster.with(.init(primaries: 1)) { cluster in
            let stream = ClusterStream(cluster: cluster)
            try await cluster.call(cluster.nodes[0], "CLUSTER", "DELSLOTS", ClusterSlot(of: stream.key).number)
            let result = try await stream.run("produce", "--stream", stream.name, "--retry-for", "100ms", "1")
            result.expect(.unreachable)
            #expect(result.errors.contains("CLUSTERDOWN"))
            #expect(result.errorLines.last?.hasPrefix("hint: the cluster has slots that no node serves") == true)
        }
    }
}
