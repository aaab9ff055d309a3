import RedstreamConnection
import TestSupport
import Testing

@testable import Redstream

/// The step that writes a dead letter and commits its entry.
@Suite(.timeLimit(.minutes(3))) struct DeadLetterStepTests {
    private let name = ConsumerName(stream: "products", name: "indexer")

    private func run(_ fixture: Fixture, id: String) async throws -> Int? {
        let keys = [
            fixture.keys.lock(name).key, fixture.keys.offset(name), fixture.keys.attempts(name),
            fixture.keys.stream("products"), fixture.keys.deadLetters(name), fixture.keys.replays(name),
        ]
        let arguments = ["me", id, "0-0", "products", "indexer", "it is bad", "3", "payload", "{}"]
        return try await fixture.client.pool.withConnection(for: nil) {
            try await $0.run(FailureScripts.deadLetter, keys: keys, arguments: arguments).integer
        }
    }

    @Test func aStepThatComesTwiceWritesOneLetter() async throws {
        try await withNamespace { fixture in
            try await fixture.redis("SET", fixture.keys.lock(name).key, "me")
            try await fixture.redis("SET", fixture.keys.offset(name), "4-0")
            try await fixture.add("{}", id: "5-0", to: fixture.keys.stream("products"))
            #expect(try await run(fixture, id: "5-0") == 1)
            #expect(try await run(fixture, id: "5-0") == 1)
            #expect(try await run(fixture, id: "4-0") == 2)
            #expect(try await fixture.length(fixture.keys.deadLetters(name)) == 1)
            #expect(try await fixture.string(fixture.keys.offset(name)) == "5-0")
        }
    }

    @Test func withoutTheLockNothingIsWritten() async throws {
        try await withNamespace { fixture in
            try await fixture.redis("SET", fixture.keys.lock(name).key, "another")
            #expect(try await run(fixture, id: "5-0") == 0)
            #expect(try await fixture.redis("EXISTS", fixture.keys.deadLetters(name)).integer == 0)
            #expect(try await fixture.string(fixture.keys.offset(name)) == nil)
        }
    }
}
