import Redstream
import RedstreamConnection
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct ConsumerStartTests {
    @Test func aNewConsumerStoresThatItHasReadNothingBeforeItReads() async throws {
        try await withNamespace { fixture in
            try await withRunning(fixture.consumer(noting: Recorder())) { _ in
                try await eventually { try await fixture.offset() == "0-0" }
            }
        }
    }

    @Test func latestIsResolvedOnceSoThatARestartLosesNothing() async throws {
        try await withNamespace { fixture in
            let options = Consumer.Options(start: .latest)
            let payloads = Recorder<String>()
            let last = try await fixture.gem.queue("before", on: "products")
            // It starts, reads nothing and stops; what comes meanwhile is not lost.
            #expect(try await fixture.consumer(options: options, noting: payloads).runOnce() == .empty)
            #expect(try await fixture.offset() == last)
            try await fixture.gem.queue("between", on: "products")
            #expect(try await fixture.consumer(options: options, noting: payloads).runOnce() == .handled(1))
            #expect(payloads.values == ["between"])
        }
    }

    @Test func latestOfAStreamThatWasEmptiedIsItsLastIdNotItsLastEntry() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.stream("products")
            try await fixture.add(id: "9-9", to: key)
            try await fixture.redis("XTRIM", key, "MAXLEN", 0)
            _ = try await fixture.consumer(options: .init(start: .latest), noting: Recorder()).runOnce()
            #expect(try await fixture.offset() == "9-9")
        }
    }

    @Test func latestOfNoStreamIsItsBeginning() async throws {
        try await withNamespace { fixture in
            _ = try await fixture.consumer(options: .init(start: .latest), noting: Recorder()).runOnce()
            #expect(try await fixture.offset() == "0-0")
        }
    }

    @Test func startsAfterAnId() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...4, to: fixture.keys.stream("products"))
            let payloads = Recorder<String>()
            let options = Consumer.Options(start: .after(StreamID(milliseconds: 2)))
            #expect(try await fixture.consumer(options: options, noting: payloads).runOnce() == .handled(2))
            #expect(payloads.values == ["3", "4"])
        }
    }

    @Test func startsWhereAnotherConsumerStands() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...4, to: fixture.keys.stream("products"))
            try await fixture.gem.commit("3-0", of: "other", on: "products")
            let payloads = Recorder<String>()
            let options = Consumer.Options(start: .committed("other"))
            #expect(try await fixture.consumer(options: options, noting: payloads).runOnce() == .handled(1))
            #expect(payloads.values == ["4"])
            let none = Consumer.Options(start: .committed("nobody"))
            #expect(
                try await fixture.consumer(name: "third", options: none, noting: payloads).runOnce()
                    == .handled(4))
        }
    }

    @Test func aStoredOffsetWinsOverAnyStart() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...4, to: fixture.keys.stream("products"))
            try await fixture.gem.commit("3-0", of: "indexer", on: "products")
            let payloads = Recorder<String>()
            let options = Consumer.Options(start: .after(.zero))
            #expect(try await fixture.consumer(options: options, noting: payloads).runOnce() == .handled(1))
            #expect(payloads.values == ["4"])
        }
    }
}

@Suite(.timeLimit(.minutes(3))) struct ConsumerLimitsTests {
    @Test func whatTheCountCutsOffIsNotCommitted() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...10, to: fixture.keys.stream("products"))
            let payloads = Recorder<String>()
            let options = Consumer.Options(batchSize: 4, limits: .init(count: 6))
            try await fixture.consumer(options: options, noting: payloads).run()
            #expect(payloads.values == (1...6).map(String.init))
            #expect(try await fixture.offset() == "6-0")
            #expect(try await fixture.redis("EXISTS", fixture.lock().key).integer == 0)
        }
    }

    @Test func readsThroughTheEndAndNotBeyond() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...10, to: fixture.keys.stream("products"))
            for batchSize in [3, 4, 1000] {
                let payloads = Recorder<String>()
                let limits = ReadLimits(end: StreamID(milliseconds: 8, sequence: .max))
                let consumer = fixture.consumer(
                    name: "indexer\(batchSize)", options: .init(batchSize: batchSize, limits: limits),
                    noting: payloads)
                try await consumer.run()
                #expect(payloads.values == (1...8).map(String.init))
                #expect(try await fixture.offset(of: "indexer\(batchSize)") == "8-0")
            }
        }
    }

    @Test func anEndInTheFutureIsWaitedFor() async throws {
        try await withNamespace { fixture in
            let now = try await fixture.serverTime()
            let end = StreamID(milliseconds: UInt64(now + 400), sequence: .max)
            let payloads = Recorder<String>()
            let running = await Running.start(
                fixture.consumer(options: .init(limits: .init(end: end)), noting: payloads))
            try await fixture.gem.queue("1", on: "products")
            try await running.end()
            #expect(payloads.values == ["1"])
            #expect(try await fixture.serverTime() > now + 400)
        }
    }

    @Test func anEndThatHasPassedInAnEmptyStreamEndsAtOnce() async throws {
        try await withNamespace { fixture in
            let options = Consumer.Options(limits: .init(end: StreamID(milliseconds: 5)))
            let running = await Running.start(fixture.consumer(options: options, noting: Recorder()))
            try await running.end()
        }
    }
}
