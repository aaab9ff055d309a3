import Redstream
import RedstreamConnection
import TestSupport
import Testing

/// The entries that were given up.
@Suite(.timeLimit(.minutes(3))) struct DeadLetterTests {
    private let name = ConsumerName(stream: "products", name: "indexer")

    @Test func everyFieldOfADeadLetterIsCarriedAlong() async throws {
        try await withNamespace { fixture in
            try await fixture.redis(
                "XADD", fixture.keys.stream("products"), "1-0", "a", "1", "redstream-dead-id", "9-9", "a",
                [0xFF, 0x00] as [UInt8])
            let policy = FailurePolicy(maxAttempts: 1, lastResort: .deadLetter)
            let before = try await fixture.redis("XRANGE", fixture.keys.stream("products"), "-", "+")
            try await Consumer(
                fixture.client, stream: "products", name: "indexer",
                options: .init(limits: .init(count: 1), failurePolicy: policy)
            ) { _ in throw Bad() }.run()
            let letter = try #require(try await fixture.client.deadLetters(of: name).first)
            let id = try #require(try await fixture.client.replay(letter, of: name))
            let after = try await fixture.redis("XRANGE", fixture.keys.stream("products"), id.description, "+")
            let fields = { (reply: RedisReply) in reply.elements[0].elements[1].elements.map(\.bytes) }
            #expect(fields(after).map { $0.map(Array.init) } == fields(before).map { $0.map(Array.init) })
            #expect(fields(after).count == 6)
        }
    }

    @Test func replaysAreCountedForALetterThatComesBack() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...1, to: fixture.keys.stream("products"))
            let policy = FailurePolicy(maxAttempts: 1, lastResort: .deadLetter)
            for replays in 0...2 {
                try await failingConsumer(fixture, bad: ["1"], policy, count: 1).run()
                let letter = try #require(try await fixture.client.deadLetters(of: name).first)
                #expect(letter.origin?.replays == replays)
                _ = try await fixture.client.replay(letter, of: name)
            }
            #expect(try await fixture.redis("HLEN", fixture.keys.replays(name)).integer == 1)
            try await failingConsumer(fixture, bad: [], policy, count: 1).run()
            try await fixture.client.forgetReplays(of: name)
            #expect(try await fixture.redis("EXISTS", fixture.keys.replays(name)).integer == 0)
        }
    }

    @Test func aDeadLetterThatCannotBeWrittenIsNotCommitted() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...1, to: fixture.keys.stream("products"))
            try await fixture.redis("SET", fixture.keys.deadLetters(name), "no stream")
            let policy = FailurePolicy(maxAttempts: 1, lastResort: .deadLetter)
            await #expect {
                try await failingConsumer(fixture, bad: ["1"], policy, count: 1).run()
            } throws: {
                "\($0)".contains("WRONGTYPE")
            }
            #expect(try await fixture.offset() == "0-0")
        }
    }

    @Test func purgingRemovesWhatIsNamed() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...3, to: fixture.keys.stream("products"))
            let policy = FailurePolicy(maxAttempts: 1, lastResort: .deadLetter)
            try await failingConsumer(fixture, bad: ["1", "2", "3"], policy, count: 3).run()
            let letters = try await fixture.client.deadLetters(of: name)
            #expect(letters.map(\.message.id.description) == ["1-0", "2-0", "3-0"])
            #expect(try await fixture.client.purgeDeadLetters([letters[1].id], of: name) == 1)
            #expect(try await fixture.client.deadLetters(of: name).map(\.message.id.description) == ["1-0", "3-0"])
            #expect(try await fixture.client.purgeDeadLetters(letters.map(\.id), of: name) == 2)
            #expect(try await fixture.redis("EXISTS", fixture.keys.deadLetters(name)).integer == 0)
        }
    }
}
