import RedstreamConnection
import TestSupport
import Testing

@testable import Redstream

@Suite(.timeLimit(.minutes(3))) struct ClusterDirectoryTests {
    @Test func namesOnAllNodesAreKept() async throws {
        try await RedisCluster.with { cluster in
            let client = StreamClient(cluster.configuration())
            defer { client.pool.close() }
            let tags = (0..<6).map { _ in RedisCluster.uniqueTag() }.sorted()
            for tag in tags {
                try await Producer(client).delay([OutgoingMessage(payload: "{}".utf8)], on: tag)
                try await Producer(client).queue([OutgoingMessage(payload: "{}".utf8)], on: tag)
                _ = try await Consumer(client, stream: tag, name: "indexer") { _ in }.runOnce()
            }
            let scanned = try await client.directory()
            #expect(scanned.primaryStreams == tags)
            #expect(scanned.delayedStreams.sorted() == tags)
            #expect(scanned.consumers.map(\.stream) == tags)
            let first = try await client.directory(for: .service)
            #expect(first == scanned)
            let record = try await cluster.redis(for: client.keys.scanRecord, "HGETALL", client.keys.scanRecord)
            #expect(ScanRecord(record)?.servers.count == cluster.primaryCount)
            // By the index alone.
            #expect(try await client.directory(for: .service) == scanned)
            #expect(try await client.delayedStreams(for: .service) == tags)
        }
    }
}
