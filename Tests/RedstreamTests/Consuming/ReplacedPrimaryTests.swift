import RedstreamConnection
import TestSupport
import Testing

@testable import Redstream

/// Entries of a primary that another has replaced: the new one may lack them, and have other entries instead.
@Suite(.timeLimit(.minutes(3))) struct ReplacedPrimaryTests {
    private let name = ConsumerName(stream: "products", name: "indexer")

    /// Commits the entry 10-0 that another server has handed out, where this one has other entries.
    private func commit(
        among entries: [String], payload: String = "mine", offset: String = "1-0",
        _ change: (Fixture) async throws -> Void = { _ in }
    ) async throws -> (answer: Int?, offset: String?) {
        try await withNamespace { fixture in
            for id in entries { try await fixture.add("mine", id: id, to: fixture.keys.stream("products")) }
            try await change(fixture)
            try await fixture.redis("SET", fixture.keys.offset(name), offset)
            guard case .acquired(let lease) = try await fixture.client.leases.acquire(fixture.keys.lock(name))
            else { throw RedstreamError.leaseLost }
            let step = CommitStep(lease: lease, keys: fixture.keys, consumer: name, countsAttempts: false)
            let message = Message(
                id: StreamID(milliseconds: 10),
                fields: [.init(name: Array("payload".utf8)[...], value: Array(payload.utf8)[...])]
            )
            let answer = try await fixture.client.pool.withConnection(for: nil) {
                try await step.run(message, on: $0).integer
            }
            await fixture.client.leases.release(lease)
            return (answer, try await fixture.string(fixture.keys.offset(name)))
        }
    }

    @Test func anEntryThatIsThereAsItWasReadIsCommitted() async throws {
        #expect(try await commit(among: ["1-0", "5-0", "10-0"]) == (1, "10-0"))
    }

    @Test func anEntryThatIsNotThereIsNotCommittedOverOthers() async throws {
        #expect(try await commit(among: ["1-0", "5-0"]) == (3, "1-0"))
        #expect(try await commit(among: ["1-0", "5-0", "11-0"]) == (3, "1-0"))
    }

    @Test func anotherEntryWithItsIDIsNotCommitted() async throws {
        #expect(try await commit(among: ["1-0", "10-0"], payload: "another") == (3, "1-0"))
    }

    @Test func anEntryThatWasTrimmedMeanwhileIsCommitted() async throws {
        let result = try await commit(among: ["1-0", "5-0", "10-0", "11-0"]) { fixture in
            try await fixture.redis("XTRIM", fixture.keys.stream("products"), "MINID", "11-0")
        }
        #expect(result == (1, "10-0"))
    }

    @Test func nothingIsCommittedBeyondWhatTheStreamHasGivenOut() async throws {
        // Entries to come may have lower ids, where the new server's clock is behind.
        #expect(try await commit(among: ["1-0"]) == (3, "1-0"))
        #expect(try await commit(among: []) == (3, "1-0"))
    }

    @Test func theErrorSaysWhatHappenedAndIsWorthARetry() {
        let error = RedstreamError.entriesDiffer(name)
        #expect(
            "\(error)"
                == "stream products has other entries than indexer has read: a failover is under way, or some were deleted meanwhile"
        )
        #expect(error.retryAdvice == .retry)
        #expect(RedstreamError.gaveUp(name, message: .zero, attempts: 1, reason: "").retryAdvice == .fail)
    }

    @Test func whatTheNewPrimaryHasInsteadIsHandled() async throws {
        try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                let key = fixture.keys.stream("products")
                try await fixture.add("1", id: "1-0", to: key)
                try await fixture.add("lost", id: "10-0", to: key)
                let handled = Recorder<String>()
                let consumer = Consumer(fixture.client, stream: "products", name: "indexer") { batch in
                    handled.note(contentsOf: batch.messages.map(\.id.description))
                    guard handled.values.last == "10-0" else { return }
                    // As a failover leaves it: the last entry was not replicated, others came.
                    try await fixture.redis("DEL", key)
                    for id in ["1-0", "5-0", "20-0"] { try await fixture.add("1", id: id, to: key) }
                    try await fixture.redis("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                }
                try await withRunning(consumer) { _ in
                    try await eventually("all is handled") { handled.values.last == "20-0" }
                    try await eventually("all is committed") {
                        try await fixture.string(fixture.keys.offset(name)) == "20-0"
                    }
                }
                #expect(handled.values == ["1-0", "10-0", "1-0", "5-0", "20-0"])
            }
        }
    }
}
