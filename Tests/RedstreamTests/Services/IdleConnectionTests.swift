import InMemoryLogging
import Logging
import Redstream
import RedstreamConnection
import TestSupport
import Testing

/// Connections that a server closes while they are idle are replaced in silence: nothing was sent, and the server is there.
@Suite(.timeLimit(.minutes(3))) struct IdleConnectionTests {
    /// A server of a test's own, a client of it, and its log.
    private func withClient(
        _ body: (Fixture, StreamClient, InMemoryLogHandler) async throws -> Void
    ) async throws {
        try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                let logs = InMemoryLogHandler()
                let client = StreamClient(
                    server.configuration, namespace: fixture.namespace,
                    logger: Logger(label: "tests", factory: { _ in logs }))
                try await body(fixture, client, logs)
                #expect(logs.entries.map { "\($0.message)" } == [])
            }
        }
    }

    /// Closes every connection but the test's own, as a server with `timeout` does with idle ones.
    private func closeIdleConnections(_ fixture: Fixture) async throws {
        let list = try await fixture.redis("CLIENT", "LIST").string ?? ""
        for line in list.split(separator: "\n") where line.contains("name=redstream") {
            guard let id = line.split(separator: " ").first?.dropFirst(3) else { continue }
            // One may have gone by itself.
            _ = try? await fixture.redis("CLIENT", "KILL", "ID", String(id))
        }
    }

    @Test func slowHandlerIsNoOutage() async throws {
        try await withClient { fixture, client, _ in
            try await fixture.add(numbered: 1...4, to: fixture.keys.stream("products"))
            let payloads = Recorder<String>()
            let options = Consumer.Options(batchSize: 2, limits: .init(count: 4))
            let consumer = Consumer(client, stream: "products", name: "indexer", options: options) { batch in
                payloads.note(contentsOf: batch.messages.map(\.text))
                try await closeIdleConnections(fixture)
            }
            try await consumer.run()
            #expect(payloads.values == ["1", "2", "3", "4"])
            #expect(try await fixture.offset() == "4-0")
        }
    }

    @Test func slowReaderIsNoOutage() async throws {
        try await withClient { fixture, client, _ in
            try await fixture.add(numbered: 1...4, to: fixture.keys.stream("products"))
            let payloads = Recorder<String>()
            let reader = StreamReader(client, stream: "products", limits: .init(count: 4), batchSize: 1) { messages in
                payloads.note(contentsOf: messages.map(\.text))
                try await closeIdleConnections(fixture)
            }
            try await reader.run()
            #expect(payloads.values == ["1", "2", "3", "4"])
        }
    }

    @Test func trimmerBetweenPassesIsNoOutage() async throws {
        try await withClient { fixture, client, _ in
            let trimmer = Trimmer(client, streams: .named(["products"]), policy: TrimPolicy(expiry: .seconds(3600)))
            for last in [3, 6, 9] {
                try await fixture.add(numbered: last - 2...last, to: fixture.keys.stream("products"))
                _ = try await trimmer.runOnce()
                #expect(try await fixture.length(fixture.keys.stream("products")) == 0)
                try await closeIdleConnections(fixture)
            }
        }
    }

    @Test func delayerThatWaitsForAnEntryIsNoOutage() async throws {
        try await withClient { fixture, client, _ in
            let moved = Recorder<Int>()
            let delayer = Delayer(client, stream: "products", delay: .milliseconds(1)) {
                moved.note($0.count)
                try await closeIdleConnections(fixture)
            }
            try await withRunning(delayer) { _ in
                for number in 1...3 {
                    try await fixture.add(to: fixture.keys.delayStream("products"))
                    try await eventually { moved.count == number }
                }
            }
        }
    }

    @Test func pauseBetweenBatchesDoublesNothing() async throws {
        try await withClient { fixture, client, _ in
            let key = fixture.keys.stream("products")
            var pipeline = ProducePipeline(client, stream: "products", keys: [key], retryLimit: .seconds(20))
            for number in 1...3 {
                var batch = OutgoingBatch(keys: [key])
                batch.append(OutgoingMessage(payload: "\(number)".utf8))
                try await pipeline.submit(batch)
                try await pipeline.flush()
                try await closeIdleConnections(fixture)
            }
            pipeline.close()
            #expect(pipeline.tally.acknowledged == 3)
            #expect(pipeline.tally.possiblyDoubled == 0)
            #expect(try await fixture.length(key) == 3)
        }
    }

    @Test func blockingProducerGoesOn() async throws {
        try await withClient { fixture, client, _ in
            let producer = BlockingProducer(Producer(client))
            for number in 1...3 {
                try producer.append(
                    OutgoingMessage.numbered([number]), to: "products", .stream, within: .seconds(20))
                try await closeIdleConnections(fixture)
            }
            #expect(try await fixture.length(fixture.keys.stream("products")) == 3)
        }
    }

    @Test func serverThatIsAwayIsStillAnOutage() async throws {
        try await RedisServer.with { server in
            let logs = InMemoryLogHandler()
            let client = StreamClient(
                server.configuration, namespace: "outage", logger: Logger(label: "tests", factory: { _ in logs }))
            let payloads = Recorder<String>()
            let reader = StreamReader(client, stream: "products") { payloads.note(contentsOf: $0.map(\.text)) }
            try await withRunning(reader) { _ in
                let producer = Producer(client)
                try await producer.queue(OutgoingMessage.numbered([1]), on: "products")
                try await eventually { payloads.count == 1 }
                try await server.stop()
                try await eventually("the outage is told") { !logs.entries.isEmpty }
                try await server.restart()
                try await eventually("the end is told") { logs.entries.count == 2 }
            }
            #expect("\(logs.entries[1].message)".hasPrefix("the server is back after"))
        }
    }
}
