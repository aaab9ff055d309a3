import Redstream
import RedstreamConnection
import TestSupport
import Testing

private struct Product: Streamable, Identifiable {
    var id: Int?
}

private struct Category: Streamable, Identifiable {
    var id: String
    var streamPayload: Payload { get throws { try Payload(encoding: ["id": id, "kind": "c"]) } }
}

private struct Order: Streamable, Identifiable {
    var id: Int
    var streamName: String { "\(Self.streamName)-\(id % 2)" }
}

private struct Broken: Error {}

@Suite(.timeLimit(.minutes(3))) struct RecordProducerTests {
    private func payloads(_ fixture: Fixture, _ stream: String) async throws -> [String] {
        try await fixture.entries("\(fixture.namespace):redstream:stream:\(stream)").map { $0.fields[1] }
    }

    @Test func announcesEachRecordOnItsOwnStreamInOrder() async throws {
        try await withNamespace { fixture in
            let records = RecordProducer(Producer(fixture.client))
            try await records.queue([Product(id: 1), Order(id: 3), Product(id: 2), Order(id: 4), Order(id: 5)])
            try await records.delay([Category(id: "c")])
            #expect(try await payloads(fixture, "products") == [#"{"id":1}"#, #"{"id":2}"#])
            #expect(try await payloads(fixture, "orders-1") == [#"{"id":3}"#, #"{"id":5}"#])
            #expect(try await payloads(fixture, "orders-0") == [#"{"id":4}"#])
            #expect(try await payloads(fixture, "categories") == [])
            #expect(try await payloads(fixture, "categories.delay").count == 1)
        }
    }

    @Test func delayMessagesComeBeforeTheChangeAndRecordsAfterIt() async throws {
        try await withNamespace { fixture in
            let records = RecordProducer(Producer(fixture.client))
            let all: [any Streamable] = (1...1500).map { Product(id: $0) } + [Order(id: 1)]
            let value = try await records.bulk(all) {
                let delayed = try await payloads(fixture, "products.delay")
                let delayedOrders = try await payloads(fixture, "orders-1.delay")
                let queued = try await payloads(fixture, "products")
                #expect(delayed.count == 1500)
                #expect(delayedOrders.count == 1)
                #expect(queued == [])
                return 42
            }
            #expect(value == 42)
            let queued = try await payloads(fixture, "products")
            #expect(queued == (1...1500).map { #"{"id":\#($0)}"# })
            #expect(try await payloads(fixture, "products.delay") == queued)
            #expect(try await payloads(fixture, "orders-1") == [#"{"id":1}"#])
        }
    }

    @Test func aChangeThatFailsQueuesNothing() async throws {
        try await withNamespace { fixture in
            let records = RecordProducer(Producer(fixture.client))
            await #expect(throws: Broken.self) { try await records.bulk([Product(id: 1)]) { throw Broken() } }
            let queued = try await payloads(fixture, "products")
            let delayed = try await payloads(fixture, "products.delay")
            #expect(queued == [])
            #expect(delayed == [#"{"id":1}"#])
        }
    }

    @Test func aRecordWithoutAKeyStopsEverythingBeforeItBegins() async throws {
        try await withNamespace { fixture in
            let records = RecordProducer(Producer(fixture.client))
            await #expect(throws: PayloadError.noKey) {
                try await records.bulk([Product(id: 1), Product(id: nil)]) { Issue.record("the change ran") }
            }
            let delayed = try await payloads(fixture, "products.delay")
            #expect(delayed == [])
        }
    }

    @Test func aTypeMayHaveAProducerOfItsOwn() async throws {
        try await withNamespace { fixture in
            let demanding = Producer(
                fixture.client, waitingFor: .init(replicas: 1, timeout: .milliseconds(1)))
            let records = RecordProducer(Producer(fixture.client)).using(demanding, for: Order.self)
            try await records.queue([Product(id: 1)])
            await #expect(throws: RedstreamError.tooFewReplicas(written: 1, acknowledged: 0, wanted: 1)) {
                try await records.queue([Order(id: 1)])
            }
        }
    }

    @Test func aStreamThatCannotBeWrittenDoesNotHoldUpTheOthers() async throws {
        try await withNamespace { fixture in
            let records = RecordProducer(Producer(fixture.client))
            let error = await #expect(throws: RedisError.self) {
                try await records.bulk([Order(id: 1), Product(id: 1)]) {
                    try await fixture.redis("SET", fixture.keys.stream("orders-1"), "text")
                }
            }
            #expect(error?.code == "WRONGTYPE")
            let queued = try await payloads(fixture, "products")
            #expect(queued == [#"{"id":1}"#])
        }
    }
}
