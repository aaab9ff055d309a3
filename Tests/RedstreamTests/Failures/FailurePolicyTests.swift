import Redstream
import RedstreamConnection
import TestSupport
import Testing

/// A consumer's treatment of entries that its handler fails for.
@Suite(.timeLimit(.minutes(3))) struct FailurePolicyTests {
    private let name = ConsumerName(stream: "products", name: "indexer")

    @Test func poisonEntryBecomesADeadLetterAndIsReplayedOnce() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...1000, to: fixture.keys.stream("products"))
            let (calls, handled) = (Recorder<[String]>(), Recorder<String>())
            try await failingConsumer(
                fixture, bad: ["500"], FailurePolicy(maxAttempts: 2, lastResort: .deadLetter), count: 1000,
                calls: calls, handled: handled
            ).run()
            #expect(handled.values == (1...1000).filter { $0 != 500 }.map(String.init))
            #expect(calls.count <= 2 + 20)
            #expect(try await fixture.offset() == "1000-0")
            #expect(try await fixture.redis("EXISTS", fixture.keys.attempts(name)).integer == 0)

            let letters = try await fixture.client.deadLetters(of: name)
            let letter = try #require(letters.first)
            #expect(letters.count == 1)
            #expect(letter.message.id.description == "500-0")
            #expect(letter.message.fields.map { String(decoding: $0.value, as: UTF8.self) } == ["500"])
            let origin = try #require(letter.origin)
            #expect(origin.stream == "products")
            #expect(origin.consumer == "indexer")
            #expect(origin.reason == "it is bad")
            #expect(origin.attempts == calls.values.filter { $0.contains("500") }.count)
            #expect(origin.replays == 0)
            #expect(abs(Int(origin.time) - (try await fixture.serverTime())) < 60_000)

            let id = try await fixture.client.replay(letter, of: name)
            #expect(try await fixture.client.replay(letter, of: name) == nil)
            let entries = try await fixture.entries(fixture.keys.stream("products"))
            #expect(entries.count == 1001)
            #expect(entries.last == .init(id?.description ?? "", "payload", "500"))
            #expect(try await fixture.client.deadLetterCount(of: name) == 0)
        }
    }

    @Test func theOthersOfAFailingBatchAreCommittedInOrder() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...4, to: fixture.keys.stream("products"))
            let (calls, attempts) = (Recorder<[String]>(), Recorder<Int>())
            try await failingConsumer(
                fixture, bad: ["3"], FailurePolicy(maxAttempts: 2, lastResort: .skip), count: 4, calls: calls,
                attempts: attempts
            ).run()
            let all = ["1", "2", "3", "4"]
            #expect(calls.values == [all, all, ["1", "2"], ["3", "4"], ["3"], ["4"]])
            #expect(attempts.values == [1, 2, 3, 3, 4, 4])
            #expect(try await fixture.offset() == "4-0")
            #expect(try await fixture.client.deadLetterCount(of: name) == 0)
        }
    }

    @Test func stoppingLeavesTheEntryAndTriesItAgainAtTheNextStart() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...3, to: fixture.keys.stream("products"))
            let policy = FailurePolicy(maxAttempts: 1)
            await #expect {
                try await failingConsumer(fixture, bad: ["2"], policy, count: 3).run()
            } throws: {
                guard case RedstreamError.gaveUp(_, let id, let attempts, let reason) = $0 else { return false }
                return id.description == "2-0" && attempts == 3 && reason == "it is bad"
            }
            #expect(try await fixture.offset() == "1-0")
            #expect(try await fixture.holder() == nil)
            let (calls, attempts) = (Recorder<[String]>(), Recorder<Int>())
            try await failingConsumer(fixture, bad: [], policy, count: 2, calls: calls, attempts: attempts).run()
            #expect(calls.values == [["2"], ["3"]])
            // The other one was tried in the whole batch only.
            #expect(attempts.values == [4, 2])
        }
    }

    @Test func givingUpOneAfterTheOtherTakesItsTime() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...4, to: fixture.keys.stream("products"))
            let policy = FailurePolicy(maxAttempts: 1, lastResort: .skip)
            let start = ContinuousClock.now
            try await failingConsumer(fixture, bad: ["1", "2", "3", "4"], policy, count: 4).run()
            // Three waits, of a bound that doubles from 200 ms, and of half the bound at least.
            #expect(start.duration(to: .now) >= .milliseconds(100 + 200 + 400))
        }
    }

    @Test func withoutABoundNothingIsWrittenOfAttempts() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...3, to: fixture.keys.stream("products"))
            let key = fixture.keys.attempts(name)
            try await Consumer(
                fixture.client, stream: "products", name: "indexer", options: .init(limits: .init(count: 3))
            ) { batch in
                #expect(try await fixture.redis("EXISTS", key).integer == 0)
                if batch.attempt < 2 { throw Bad() }
            }.run()
            #expect(try await fixture.offset() == "3-0")
        }
    }

    @Test func anAttemptIsCountedBeforeTheHandlerRuns() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...2, to: fixture.keys.stream("products"))
            let key = fixture.keys.attempts(name)
            let policy = FailurePolicy(maxAttempts: 5)
            try await Consumer(
                fixture.client, stream: "products", name: "indexer",
                options: .init(limits: .init(count: 2), failurePolicy: policy)
            ) { batch in
                let count = try await fixture.redis("HGET", key, "2-0").string
                #expect(count == "\(batch.attempt)")
                if batch.attempt < 3 { throw Bad() }
            }.run()
            #expect(try await fixture.redis("EXISTS", key).integer == 0)
        }
    }

    @Test func whoHasLostTheLockNeitherCountsNorGivesUp() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...1, to: fixture.keys.stream("products"))
            let lock = fixture.lock().key
            let policy = FailurePolicy(maxAttempts: 1, lastResort: .deadLetter)
            let calls = Recorder<Int>()
            let running = await Running.start(
                Consumer(
                    fixture.client, stream: "products", name: "indexer", options: .init(failurePolicy: policy)
                ) { _ in
                    calls.note(1)
                    try await fixture.redis("SET", lock, "f00@elsewhere:1", "PX", 60_000)
                    throw Bad()
                })
            try await eventually { calls.count == 1 }
            // It stands by, and has given nothing up.
            try await eventually {
                try await fixture.redis("CLIENT", "LIST").string?.contains("redstream:standby:products:indexer") == true
            }
            #expect(try await fixture.client.deadLetterCount(of: name) == 0)
            #expect(try await fixture.offset() == "0-0")
            try await running.stop()
        }
    }

    @Test func aSeekForgetsAttempts() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...2, to: fixture.keys.stream("products"))
            await #expect(throws: RedstreamError.self) {
                try await failingConsumer(fixture, bad: ["1"], FailurePolicy(maxAttempts: 1), count: 2).run()
            }
            #expect(try await fixture.redis("EXISTS", fixture.keys.attempts(name)).integer == 1)
            _ = try await fixture.client.seek(name, to: .latest)
            #expect(try await fixture.redis("EXISTS", fixture.keys.attempts(name)).integer == 0)
        }
    }

    @Test func connectionsThatBreakWhileABatchIsNarrowedDownLoseNothing() async throws {
        // A server of its own, whose every connection may be killed.
        try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                try await fixture.add(numbered: 1...8, to: fixture.keys.stream("products"))
                let policy = FailurePolicy(maxAttempts: 1, lastResort: .deadLetter)
                let handled = Recorder<String>()
                try await Consumer(
                    fixture.client, stream: "products", name: "indexer",
                    options: .init(limits: .init(end: StreamID("8-0")), failurePolicy: policy)
                ) { batch in
                    // Every answer to a commit, a count or a dead letter may be lost.
                    let list = try await fixture.redis("CLIENT", "LIST").string ?? ""
                    for line in list.split(separator: "\n") where line.contains("name=redstream") {
                        let id = line.split(separator: " ")[0].dropFirst("id=".count)
                        _ = try? await fixture.redis("CLIENT", "KILL", "ID", String(id))
                    }
                    let payloads = batch.messages.map(\.text)
                    if payloads.contains("3") { throw Bad() }
                    handled.note(contentsOf: payloads)
                }.run()
                #expect(Set(handled.values) == ["1", "2", "4", "5", "6", "7", "8"])
                #expect(try await fixture.client.deadLetters(of: name).map(\.message.id.description) == ["3-0"])
                #expect(try await fixture.offset() == "8-0")
            }
        }
    }

    @Test func anotherProcessGoesOnWithTheCount() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...4, to: fixture.keys.stream("products"))
            let policy = FailurePolicy(maxAttempts: 3, lastResort: .skip)
            let (first, second) = (Recorder<Int>(), Recorder<Int>())
            let running = await Running.start(failingConsumer(fixture, bad: ["2"], policy, attempts: first))
            try await eventually { first.count == 2 }
            try await running.stop()
            let sizes = Recorder<[String]>()
            try await failingConsumer(fixture, bad: ["2"], policy, count: 4, calls: sizes, attempts: second).run()
            // The third attempt at the whole batch, then its halves.
            #expect(sizes.values.prefix(2) == [["1", "2", "3", "4"], ["1", "2"]])
            #expect(second.values.prefix(2) == [3, 4])
        }
    }

    @Test func theOffsetsOfAGemAndOfAnOlderPolicyAreNoHindrance() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...3, to: fixture.keys.stream("products"))
            let key = fixture.keys.attempts(name)
            // Counts of what somebody has committed since, and of what makes no sense.
            try await fixture.redis("HSET", key, "1-0", "9", "alone", "1-0", "x", "y")
            try await fixture.redis("SET", fixture.keys.offset(name), "1-0")
            let (calls, attempts) = (Recorder<[String]>(), Recorder<Int>())
            let policy = FailurePolicy(maxAttempts: 2)
            try await failingConsumer(fixture, bad: [], policy, count: 2, calls: calls, attempts: attempts).run()
            #expect(calls.values == [["2", "3"]])
            #expect(attempts.values == [1])
        }
    }
}
