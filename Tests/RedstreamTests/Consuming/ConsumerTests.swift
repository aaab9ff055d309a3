import Redstream
import RedstreamConnection
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct ConsumerTests {
    @Test func handsOverBatchesInStreamOrder() async throws {
        try await withNamespace { fixture in
            let batches = Recorder<[String]>()
            try await fixture.add(numbered: 1...25, to: fixture.keys.stream("products"))
            let consumer = Consumer(
                fixture.client, stream: "products", name: "indexer",
                options: .init(batchSize: 10, limits: .init(count: 25))
            ) { batch in
                #expect(batch.consumer == ConsumerName(stream: "products", name: "indexer"))
                #expect(batch.attempt == 1)
                batches.note(batch.messages.map(\.text))
            }
            try await consumer.run()
            #expect(batches.values.map(\.count) == [10, 10, 5])
            #expect(batches.values.joined().map(\.self) == (1...25).map(String.init))
            #expect(try await fixture.offset() == "25-0")
        }
    }

    @Test func commitsOnlyAfterTheHandlerReturned() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...6, to: fixture.keys.stream("products"))
            let seen = Recorder<String?>()
            let options = Consumer.Options(batchSize: 2, limits: .init(count: 6))
            try await Consumer(fixture.client, stream: "products", name: "indexer", options: options) { _ in
                seen.note(try await fixture.offset())
            }.run()
            // While a batch is in hand, the one before may be committed already; the batch itself never is.
            #expect(seen.values[0] == "0-0")
            #expect(["0-0", "2-0"].contains(seen.values[1]))
            #expect(["2-0", "4-0"].contains(seen.values[2]))
            #expect(try await fixture.offset() == "6-0")
        }
    }

    @Test func aCommitDoesNotWaitForTheNextEntry() async throws {
        try await withNamespace { fixture in
            let payloads = Recorder<String>()
            try await withRunning(fixture.consumer(noting: payloads)) { _ in
                let id = try await fixture.gem.queue("1", on: "products")
                try await eventually { try await fixture.offset() == id }
                #expect(payloads.values == ["1"])
            }
        }
    }

    @Test func everyFieldArrives() async throws {
        try await withNamespace { fixture in
            let fields = Recorder<[Message.Field]>()
            let binary: [UInt8] = [0, 255]
            try await fixture.redis(
                "XADD", fixture.keys.stream("products"), "*", "a", "1", "a", binary, "", "x")
            let outcome = try await Consumer(fixture.client, stream: "products", name: "indexer") {
                fields.note($0.messages[0].fields)
            }.runOnce()
            #expect(outcome == .handled(1))
            let names = fields.values[0].map { Array($0.name) }
            #expect(names == [Array("a".utf8), Array("a".utf8), []])
            #expect(fields.values[0].map { Array($0.value) } == [Array("1".utf8), binary, Array("x".utf8)])
        }
    }

    @Test func consumersOfOneStreamDoNotDisturbEachOther() async throws {
        try await withNamespace { fixture in
            let (first, second) = (Recorder<String>(), Recorder<String>())
            try await fixture.add(numbered: 1...3, to: fixture.keys.stream("products"))
            try await withRunning(fixture.consumer(name: "one", noting: first)) { _ in
                try await withRunning(fixture.consumer(name: "two", noting: second)) { _ in
                    try await eventually { first.count == 3 && second.count == 3 }
                }
            }
            #expect(try await fixture.offset(of: "one") == "3-0")
            #expect(try await fixture.offset(of: "two") == "3-0")
        }
    }

    @Test func oneOfManyProcessesIsActive() async throws {
        try await withNamespace { fixture in
            let active = Recorder<Int>()
            let payloads = Recorder<String>()
            let services = (0..<4).map { number in
                Consumer(
                    fixture.makeClient(), stream: "products", name: "indexer", options: .init(batchSize: 1)
                ) {
                    active.note(number)
                    payloads.note(contentsOf: $0.messages.map(\.text))
                }
            }
            var running: [Running] = []
            for service in services { running.append(await Running.start(service)) }
            try await eventually { try await fixture.holder() != nil }
            for number in 0..<50 { try await fixture.gem.queue("\(number)", on: "products") }
            try await eventually { payloads.count == 50 }
            #expect(payloads.values == (0..<50).map(String.init))
            #expect(Set(active.values).count == 1)
            for service in running { service.requestStop() }
            for service in running { try await service.end() }
        }
    }

    @Test func releasesTheLockAfterAnEmptyRead() async throws {
        try await withNamespace { fixture in
            let outcome = try await fixture.consumer(noting: Recorder()).runOnce()
            #expect(outcome == .empty)
            #expect(try await fixture.redis("EXISTS", fixture.lock().key).integer == 0)
            #expect(try await fixture.gem.consumerLock("indexer", on: "products").wait(seconds: 1))
        }
    }

    @Test func releasesTheLockAfterAHandlerThatThrew() async throws {
        struct Broken: Error {}
        try await withNamespace { fixture in
            try await fixture.gem.queue("1", on: "products")
            let consumer = Consumer(fixture.client, stream: "products", name: "indexer") { _ in throw Broken()
            }
            await #expect(throws: Broken.self) { _ = try await consumer.runOnce() }
            #expect(try await fixture.redis("EXISTS", fixture.lock().key).integer == 0)
            #expect(try await fixture.offset() == "0-0")
        }
    }

    @Test func continuesWhereTheGemHasStopped() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...5, to: fixture.keys.stream("products"))
            try await fixture.gem.commit("3-0", of: "indexer", on: "products")
            let payloads = Recorder<String>()
            #expect(try await fixture.consumer(noting: payloads).runOnce() == .handled(2))
            #expect(payloads.values == ["4", "5"])
            #expect(try await fixture.gem.offset(of: "indexer", on: "products") == "5-0")
        }
    }

    @Test func namesWithAnyCharactersWork() async throws {
        try await withNamespace { fixture in
            let stream = "odd {x}:[a]*?\n\u{e9}"
            let payloads = Recorder<String>()
            try await Producer(fixture.client).queue(OutgoingMessage.numbered([1]), on: stream)
            let consumer = fixture.consumer(of: stream, name: "na me:*\n", noting: payloads)
            #expect(try await consumer.runOnce() == .handled(1))
            #expect(payloads.values == ["1"])
        }
    }
}
