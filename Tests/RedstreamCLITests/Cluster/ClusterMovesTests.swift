import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// Running processes whose slot moves to another node.
@Suite(.timeLimit(.minutes(3))) struct ClusterMovesTests {
    @Test func producedOrderHoldsWhileTheSlotMoves() async throws {
        try await withClusterStream { stream in
            let producer = try stream.tool("produce", "--stream", stream.name, "-o", "json", input: .pipe)
            let batch = 20_000
            var sent = 0
            func send() {
                producer.write((sent..<sent + batch).map { "\($0)\n" }.joined())
                sent += batch
            }
            func written() async throws -> Int {
                try await stream.cluster.redis(for: stream.key, "XLEN", stream.key).integer ?? 0
            }
            for _ in 0..<3 {
                let migration = try await SlotMigration(stream.cluster, of: stream.key)
                send()
                try await eventually { try await written() > 0 }
                try await migration.begin()
                send()
                try await migration.moveAll()
                send()
                try await migration.finish()
                send()
            }
            producer.closeInput()
            let result = try await producer.result(within: .seconds(60))
            result.expect(.done)
            #expect(try result.json()["possibly_doubled"] ?? "0" == "0", "\(result.output)")
            let payloads = try await stream.payloads()
            #expect(payloads.count == sent)
            // A whole list in the report of a failure would be of no use.
            let place = payloads.indices.first { payloads[$0] != "\($0)" }
            #expect(place == nil, "\(place.map { payloads[max($0 - 2, 0)..<min($0 + 3, payloads.count)] } ?? [])")
        }
    }

    @Test func aConsumerGoesOnInTheMiddleAndAfterItsSlotHasMoved() async throws {
        try await withClusterStream { stream in
            let consumer = try stream.tool(
                "consume", "--stream", stream.name, "--name", "indexer", "-o", "payload")
            func produce(_ payload: String) async throws {
                try await stream.run("produce", "--stream", stream.name, payload).expect(.done)
                #expect(try await consumer.nextLine() == payload)
            }
            try await produce("1")
            let migration = try await SlotMigration(stream.cluster, of: stream.key)
            try await migration.begin()
            try await produce("2")
            try await migration.moveAll()
            try await produce("3")
            try await migration.finish()
            try await produce("4")
            let last = try await stream.cluster.redis(for: stream.key, "XREVRANGE", stream.key, "+", "-", "COUNT", 1)
            let id = try #require(StreamEntries(range: last).first.map { String(decoding: $0.id, as: UTF8.self) })
            try await eventually("it is committed") { try await stream.offset(of: "indexer") == id }
            consumer.signal(SIGTERM)
            try await consumer.result().expect(.done)
        }
    }

    @Test func aDelayerGoesOnAfterItsSlotHasMoved() async throws {
        try await withClusterStream { stream in
            let delayer = try stream.tool("delay", "--stream", stream.name, "--delay", "1ms")
            func delay(_ payload: String, until expected: [String]) async throws {
                try await stream.run("produce", "--stream", stream.name, "--delayed", payload).expect(.done)
                try await eventually("it is moved") { try await stream.payloads() == expected }
            }
            try await delay("1", until: ["1"])
            try await SlotMigration(stream.cluster, of: stream.key).run()
            try await delay("2", until: ["1", "2"])
            delayer.signal(SIGTERM)
            try await delayer.result().expect(.done)
        }
    }

    @Test func aStandbyIsWokenWhereverTheLockHasGone() async throws {
        try await withClusterStream { stream in
            func start() throws -> ToolProcess {
                try stream.tool("consume", "--stream", stream.name, "--name", "indexer", "-o", "payload")
            }
            let lock = stream.keys.lock(ConsumerName(stream: stream.name, name: "indexer")).key
            func holder() async throws -> String { try await stream.cluster.redis(for: lock, "GET", lock).string ?? "" }
            let first = try start()
            try await eventually { try await holder().hasSuffix(":\(first.processID)") }
            let second = try start()
            try await second.waitForErrors(containing: "stands by: held by ")
            try await SlotMigration(stream.cluster, of: stream.key).run()
            first.signal(SIGTERM)
            try await first.result().expect(.done)
            try await eventually { try await holder().hasSuffix(":\(second.processID)") }
            second.signal(SIGTERM)
            try await second.result().expect(.done)
        }
    }
}
