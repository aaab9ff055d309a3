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
            _ = try await fixture.client.directory()
            try await body(fixture, Trimmer(fixture.client, streams: .all, policy: .init(consumers: .found)))
        }
    }

    private func start(_ fixture: Fixture) async throws {
        let options = Consumer.Options(limits: .init(count: 3))
        _ = try await Consumer(fixture.makeClient(), stream: "products", name: "indexer", options: options) { _ in }.run()
    }

    @Test func fromItsFirstSessionOn() async throws {
        try await withKnownDirectory { fixture, trimmer in
            try await start(fixture)
            let report = try #require(try await trimmer.runOnce().first)
            #expect(report.removed == 3)
        }
    }

    @Test func afterTheDirectoryWasLost() async throws {
        try await withKnownDirectory { fixture, trimmer in
            try await start(fixture)
            try await fixture.redis("DEL", fixture.keys.consumers(of: "products"), fixture.keys.offset(indexer))
            try await start(fixture)
            let report = try #require(try await trimmer.runOnce().first)
            #expect(report.removed == 3)
        }
    }

    @Test func aStepRefusesWhereAnotherOneHasBegun() async throws {
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
}
