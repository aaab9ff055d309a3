import Redstream
import RedstreamConnection
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct ConsumerFailureTests {
    struct Broken: Error {}

    @Test func aFailedBatchIsTriedAgainAsItWasAndCounted() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...6, to: fixture.keys.stream("products"))
            let calls = Recorder<String>()
            let options = Consumer.Options(batchSize: 3, limits: .init(count: 6))
            try await Consumer(fixture.client, stream: "products", name: "indexer", options: options) {
                batch in
                let offset = try await fixture.offset() ?? "none"
                calls.note("\(batch.messages.map(\.text).joined()) attempt \(batch.attempt)")
                if batch.attempt < 3, batch.messages[0].text == "1" {
                    #expect(offset == "0-0")
                    throw Broken()
                }
            }.run()
            #expect(calls.values == ["123 attempt 1", "123 attempt 2", "123 attempt 3", "456 attempt 1"])
            #expect(try await fixture.offset() == "6-0")
        }
    }

    @Test func anErrorThatNoRetryCanMendEndsTheConsumer() async throws {
        try await withNamespace { fixture in
            try await fixture.gem.queue("1", on: "products")
            let consumer = Consumer(fixture.client, stream: "products", name: "indexer") { _ in
                throw UnretryableHandlerError(Broken())
            }
            await #expect(throws: UnretryableHandlerError.self) { try await consumer.run() }
            let offset = try await fixture.offset()
            #expect(offset == "0-0")
            #expect(try await fixture.holder() == nil)
        }
    }

    @Test func aGracefulStopFinishesAndCommitsTheBatchInHand() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...9, to: fixture.keys.stream("products"))
            let (started, finished, gate) = (Recorder<String>(), Recorder<String>(), Recorder<Bool>())
            let consumer = Consumer(
                fixture.client, stream: "products", name: "indexer", options: .init(batchSize: 3)
            ) { batch in
                started.note(batch.messages[0].text)
                try await eventually { gate.count > 0 }
                finished.note(batch.messages[0].text)
            }
            let running = await Running.start(consumer)
            try await eventually { started.count == 1 }
            running.requestStop()
            gate.note(true)
            try await running.end()
            #expect(started.values == ["1"])
            #expect(finished.values == ["1"])
            #expect(try await fixture.offset() == "3-0")
            #expect(try await fixture.holder() == nil)
        }
    }

    @Test func aGracefulStopEndsTheWaitForWorkAtOnce() async throws {
        try await withNamespace { fixture in
            let fastest = try await fastestTry(under: .milliseconds(100)) { number in
                let running = await Running.start(fixture.consumer(name: "c\(number)", noting: Recorder()))
                try await eventually { try await fixture.offset(of: "c\(number)") != nil }
                let start = ContinuousClock.now
                try await running.stop()
                return start.duration(to: .now)
            }
            #expect(fastest < .milliseconds(100))
        }
    }

    @Test func aGracefulStopEndsTheRetriesOfAFailingBatch() async throws {
        try await withNamespace { fixture in
            try await fixture.gem.queue("1", on: "products")
            let attempts = Recorder<Int>()
            let running = await Running.start(
                Consumer(fixture.client, stream: "products", name: "indexer") {
                    attempts.note($0.attempt)
                    throw Broken()
                })
            try await eventually { attempts.count >= 2 }
            try await running.stop()
            #expect(try await fixture.offset() == "0-0")
            #expect(try await fixture.holder() == nil)
        }
    }

    @Test func cancellationCommitsNothingAndReleasesTheLock() async throws {
        try await withNamespace { fixture in
            try await fixture.gem.queue("1", on: "products")
            let (started, cancelled) = (Recorder<Bool>(), Recorder<Bool>())
            let running = await Running.start(
                Consumer(fixture.client, stream: "products", name: "indexer") { _ in
                    started.note(true)
                    // A handler that ends well all the same: what it did is handled again.
                    try? await Task.sleep(for: .seconds(60))
                    cancelled.note(Task.isCancelled)
                })
            try await eventually { started.count == 1 }
            try await running.cancel()
            #expect(cancelled.values == [true])
            #expect(try await fixture.offset() == "0-0")
            #expect(try await fixture.holder() == nil)
        }
    }

    @Test func cancellingWhileItWaitsEndsItAtOnce() async throws {
        try await withNamespace { fixture in
            let fastest = try await fastestTry(under: .milliseconds(100)) { number in
                let running = await Running.start(fixture.consumer(name: "c\(number)", noting: Recorder()))
                try await eventually { try await fixture.offset(of: "c\(number)") != nil }
                let start = ContinuousClock.now
                try await running.cancel()
                return start.duration(to: .now)
            }
            #expect(fastest < .milliseconds(100))
        }
    }
}

@Suite(.timeLimit(.minutes(3))) struct LostLeaseTests {
    @Test(arguments: [true, false])
    func aLeaseLostInMidBatchCancelsTheHandlerAndCommitsNothing(isStolen: Bool) async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...3, to: fixture.keys.stream("products"))
            let (calls, cancelled) = (Recorder<String>(), Recorder<String?>())
            let consumer = Consumer(fixture.client, stream: "products", name: "indexer") { batch in
                if calls.note(batch.messages.map(\.text).joined()) == 1 {
                    try? await Task.sleep(for: .seconds(60))
                    // Noted here, before anybody else can have committed.
                    cancelled.note(try? await fixture.string(fixture.keys.offset(batch.consumer)))
                }
            }
            try await withRunning(consumer) { _ in
                try await eventually { calls.count == 1 }
                if isStolen {
                    try await fixture.redis("SET", fixture.lock().key, "thief", "PX", 2500)
                } else {
                    try await fixture.redis("DEL", fixture.lock().key)
                }
                try await eventually("the handler was cancelled") { cancelled.count == 1 }
                // It stands by, and does the work when the lock is free again.
                try await eventually { try await fixture.offset() == "3-0" }
                #expect(calls.values == ["123", "123"])
            }
        }
    }

    @Test func aLostLeaseCannotMoveTheOffsetBackwards() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...9, to: fixture.keys.stream("products"))
            let consumer = Consumer(
                fixture.client, stream: "products", name: "indexer", options: .init(batchSize: 3)
            ) { _ in
                // The process sleeps past its lease; another one takes over and goes on.
                let gem = fixture.gem.consumerLock("indexer", on: "products")
                try await fixture.redis("DEL", gem.key)
                let isHeld = try await gem.acquire()
                #expect(isHeld)
                try await fixture.gem.commit("6-0", of: "indexer", on: "products")
            }
            await #expect(throws: RedstreamError.leaseLost) { _ = try await consumer.runOnce() }
            let offset = try await fixture.offset()
            #expect(offset == "6-0")
        }
    }

    @Test func evenTheHolderCannotCommitBackwardsAndReadsOnFromThere() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...10, to: fixture.keys.stream("products"))
            let payloads = Recorder<String>()
            let consumer = Consumer(
                fixture.client, stream: "products", name: "indexer", options: .init(batchSize: 2)
            ) { batch in
                payloads.note(contentsOf: batch.messages.map(\.text))
                // A gem without a lock commits what it wants.
                if batch.messages[0].text == "1" {
                    try await fixture.gem.commit("1-0", of: "indexer", on: "products")
                    try await fixture.gem.commit("8-0", of: "indexer", on: "products")
                }
            }
            try await withRunning(consumer) { _ in
                try await eventually { try await fixture.offset() == "10-0" }
            }
            #expect(payloads.values == ["1", "2", "9", "10"])
        }
    }

    @Test func offsetsCompareAsNumbersAlsoAtTheEdges() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.stream("products")
            let ids = [
                "999-9", "1000-9", "1000-10", "1000-18446744073709551615", "18446744073709551615-0",
                "18446744073709551615-18446744073709551615",
            ]
            for id in ids { try await fixture.add(id, id: id, to: key) }
            let payloads = Recorder<String>()
            let options = Consumer.Options(batchSize: 1, limits: .init(count: ids.count))
            try await fixture.consumer(options: options, noting: payloads).run()
            #expect(payloads.values == ids)
            #expect(try await fixture.offset() == ids.last)
        }
    }
}
