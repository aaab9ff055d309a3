import Redstream
import RedstreamConnection
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct SeekTests {
    private let indexer = ConsumerName(stream: "products", name: "indexer")

    @Test(
        arguments: [
            (.earliest, "0-0", 5, 0), (.latest, "10-0", 0, 5),
            (.offset(StreamID(milliseconds: 3)), "3-0", 2, 0),
            (.offset(StreamID(milliseconds: 7, sequence: 5)), "7-5", 0, 2),
            (.committed("other"), "8-0", 0, 3),
            (.shift(2), "7-0", 0, 2), (.shift(99), "10-0", 0, 5), (.shift(-2), "3-0", 2, 0),
            (.shift(-99), "0-0", 5, 0),
            (.shift(-5), "0-0", 5, 0), (.shift(0), "5-0", 0, 0),
            (.offset(StreamID(milliseconds: 5)), "5-0", 0, 0),
        ] as [(SeekTarget, String, Int, Int)])
    func movesAnOffsetAndSaysWhatThatMeans(
        target: SeekTarget, offset: String, redelivered: Int, skipped: Int
    ) async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...10, to: fixture.keys.stream("products"))
            try await fixture.gem.commit("5-0", of: "indexer", on: "products")
            try await fixture.gem.commit("8-0", of: "other", on: "products")
            let plan = try await fixture.client.planSeek(indexer, to: target)
            #expect(plan.prior?.description == "5-0")
            #expect(plan.offset.description == offset)
            #expect(plan.redelivered == redelivered)
            #expect(plan.skipped == skipped)
            #expect(try await fixture.offset() == "5-0", "a plan changes nothing")
            #expect(try await fixture.client.seek(indexer, to: target) == plan)
            #expect(try await fixture.offset() == offset)
            #expect(try await fixture.holder() == nil)
        }
    }

    @Test func aShiftGoesFromEntryToEntryWhereverTheOffsetStands() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...10, to: fixture.keys.stream("products"))
            try await fixture.redis("XDEL", fixture.keys.stream("products"), "5-0")
            try await fixture.gem.commit("5-0", of: "indexer", on: "products")
            let back = try await fixture.client.planSeek(indexer, to: .shift(-2))
            #expect(back.redelivered == 2)
            #expect(back.offset.description == "2-0")
            #expect(try await fixture.client.planSeek(indexer, to: .shift(1)).offset.description == "6-0")
        }
    }

    @Test func countsThousands() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...3456, to: fixture.keys.stream("products"))
            try await fixture.gem.commit("1-0", of: "indexer", on: "products")
            #expect(try await fixture.client.planSeek(indexer, to: .latest).skipped == 3455)
            #expect(
                try await fixture.client.planSeek(indexer, to: .shift(2345)).offset.description == "2346-0")
            try await fixture.gem.commit("3456-0", of: "indexer", on: "products")
            #expect(try await fixture.client.planSeek(indexer, to: .shift(-2345)).redelivered == 2345)
        }
    }

    @Test func aConsumerWithoutAnOffsetHasReadNothing() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...4, to: fixture.keys.stream("products"))
            let result = try await fixture.client.seek(indexer, to: .latest)
            #expect(result.prior == nil)
            #expect(result.skipped == 4)
            #expect(try await fixture.offset() == "4-0")
        }
    }

    @Test func isRefusedWithTheHoldersNameWhileTheConsumerRuns() async throws {
        try await withNamespace { fixture in
            try await withRunning(fixture.consumer(noting: Recorder())) { _ in
                try await eventually { try await fixture.offset() != nil }
                let holder = try #require(try await fixture.holder())
                await #expect(throws: RedstreamError.lockHeld(by: holder)) {
                    _ = try await fixture.client.seek(indexer, to: .earliest)
                }
                await #expect(throws: RedstreamError.lockHeld(by: holder)) {
                    _ = try await fixture.client.forget(indexer)
                }
            }
        }
    }

    @Test func anUnknownConsumerCannotBeATarget() async throws {
        try await withNamespace { fixture in
            await #expect(throws: RedstreamError.unknownStream("products")) {
                _ = try await fixture.client.seek(indexer, to: .committed("nobody"))
            }
            try await fixture.add(to: fixture.keys.stream("products"))
            let unknown = ConsumerName(stream: "products", name: "nobody")
            await #expect(throws: RedstreamError.unknownConsumer(unknown)) {
                _ = try await fixture.client.seek(indexer, to: .committed("nobody"))
            }
            let offset = try await fixture.offset()
            #expect(offset == nil)
            #expect(try await fixture.holder() == nil)
        }
    }

    @Test func aRunningConsumerReadsFromThereAfterASeek() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...4, to: fixture.keys.stream("products"))
            let payloads = Recorder<String>()
            _ = try await fixture.consumer(noting: payloads).runOnce()
            _ = try await fixture.client.seek(indexer, to: .shift(-2))
            _ = try await fixture.consumer(noting: payloads).runOnce()
            #expect(payloads.values == ["1", "2", "3", "4", "3", "4"])
        }
    }
}

@Suite(.timeLimit(.minutes(3))) struct ForgetTests {
    private let indexer = ConsumerName(stream: "products", name: "indexer")

    @Test func removesOffsetAndAttemptsAndKeepsDeadLetters() async throws {
        try await withNamespace { fixture in
            let keys = fixture.keys
            try await fixture.gem.commit("5-0", of: "indexer", on: "products")
            try await fixture.redis("HSET", keys.attempts(indexer), "6-0", 1)
            try await fixture.add(to: keys.deadLetters(indexer))
            #expect(try await fixture.client.forget(indexer)?.description == "5-0")
            #expect(
                try await fixture.redis("EXISTS", keys.offset(indexer), keys.attempts(indexer)).integer == 0)
            #expect(try await fixture.redis("EXISTS", keys.deadLetters(indexer)).integer == 1)
            #expect(try await fixture.client.directory().consumers.isEmpty)
        }
    }

    @Test func whoIsNotKnownCannotBeForgotten() async throws {
        try await withNamespace { fixture in
            await #expect(throws: RedstreamError.unknownConsumer(indexer)) {
                _ = try await fixture.client.forget(indexer)
            }
            let holder = try await fixture.holder()
            #expect(holder == nil)
        }
    }
}
