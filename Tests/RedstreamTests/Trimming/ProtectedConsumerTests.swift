import RedstreamConnection
import TestSupport
import Testing

@testable import Redstream

/// A trim by committed offsets misses no consumer of ours, whatever is known of names.
@Suite(.timeLimit(.minutes(3))) struct ProtectedConsumerTests {
    private let indexer = ConsumerName(stream: "products", name: "indexer")

    private func withKnownDirectory(_ body: (Fixture, Trimmer) async throws -> Void) async throws {
        try await withManyKeys { fixture in
            try await fixture.add(numbered: 1...10, to: fixture.keys.stream("products"))
            try await fixture.gem.commit("10-0", of: "old", on: "products")
            try await look(fixture)
            let count = try await scans(fixture)
            try await body(fixture, Trimmer(fixture.client, streams: .all, policy: .init(consumers: .found)))
            // Otherwise a scan would have found the consumer.
            #expect(try await scans(fixture) == count)
        }
    }

    private func start(_ fixture: Fixture) async throws {
        let options = Consumer.Options(limits: .init(count: 3))
        _ = try await Consumer(fixture.makeClient(), stream: "products", name: "indexer", options: options) { _ in }
            .run()
    }

    @Test func trimSparesWhatANewConsumerHasNotRead() async throws {
        try await withKnownDirectory { fixture, trimmer in
            try await start(fixture)
            let report = try #require(try await trimmer.runOnce().first)
            #expect(report.removed == 3)
        }
    }

    @Test func aSessionRegistersAfterTheSetWasLost() async throws {
        try await withKnownDirectory { fixture, trimmer in
            try await start(fixture)
            try await fixture.redis("DEL", fixture.keys.consumers(of: "products"), fixture.keys.offset(indexer))
            try await start(fixture)
            let report = try #require(try await trimmer.runOnce().first)
            #expect(report.removed == 3)
        }
    }

    @Test func aStepRefusesWhereAnotherConsumerHasBegun() async throws {
        try await withKnownDirectory { fixture, trimmer in
            let client = fixture.client
            let target = Trimmer.Target(stream: "products", consumers: [ConsumerName(stream: "products", name: "old")])
            let bounds = try await trimmer.bounds(of: [target])[0].get()
            try await start(fixture)
            let stage = try #require(bounds.stages.last)
            let step = try await client.withLock(client.keys.trimmerLock("products")) { lease in
                let call = TrimStep.call(
                    for: client, stream: "products", lease: lease, firstKept: stage, bounds: bounds)
                return try TrimStep.result(of: try await client.replies(to: [call], loading: TrimStep.script)[0])
            }
            #expect(step == nil)
            #expect(try await fixture.length(fixture.keys.stream("products")) == 10)
        }
    }

    @Test func aNameWithoutOffsetAndLockHoldsBackNothing() async throws {
        try await withKnownDirectory { fixture, trimmer in
            let set = fixture.keys.consumers(of: "products")
            try await fixture.redis("ZADD", set, "1000", "gone")
            #expect(try await trimmer.runOnce().first?.removed == 10)
            #expect(try await fixture.redis("ZRANGE", set, 0, -1).elements.map(\.string) == ["old"])
        }
    }

    @Test func forgetRemovesARegisteredNameWithoutOffset() async throws {
        try await withKnownDirectory { fixture, _ in
            let set = fixture.keys.consumers(of: "products")
            try await fixture.redis("ZADD", set, "1000", "gone")
            await #expect(throws: RedstreamError.self) {
                try await fixture.client.forget(ConsumerName(stream: "products", name: "gone"))
            }
            #expect(try await fixture.redis("ZSCORE", set, "gone").isNull)
        }
    }
}
