import RedstreamConnection
import TestSupport
import Testing

@testable import Redstream

@Suite(.timeLimit(.minutes(3))) struct ProducerTests {
    @Test func queuesWhereConsumersReadAndDelaysWhereDelayersDo() async throws {
        try await withNamespace { fixture in
            let producer = Producer(fixture.client)
            let message = OutgoingMessage(payload: #"{"id":1}"#.utf8)
            let id = try await producer.queue([message], on: "products")[0].description
            let delayed = try await producer.delay([message], on: "products")[0].description
            let base = "\(fixture.namespace):redstream:stream:products"
            #expect(try await fixture.entries(base) == [.init(id, "payload", #"{"id":1}"#)])
            #expect(try await fixture.entries("\(base).delay") == [.init(delayed, "payload", #"{"id":1}"#)])
        }
    }

    @Test func keepsTheOrderOfManyMessages() async throws {
        try await withNamespace { fixture in
            let ids = try await Producer(fixture.client).queue(OutgoingMessage.numbered(0..<2500), on: "s")
            let entries = try await fixture.entries(fixture.keys.stream("s"))
            #expect(entries.map { $0.fields[1] } == (0..<2500).map(String.init))
            #expect(entries.map(\.id) == ids.map(\.description))
        }
    }

    @Test func writesFieldsAndIdsVerbatim() async throws {
        try await withNamespace { fixture in
            let binary: [UInt8] = [0, 255, 13, 10]
            let names: [[UInt8]] = [Array("a".utf8), Array("a".utf8), [], binary]
            let message = OutgoingMessage(
                fields: names.map { Message.Field(name: $0[...], value: binary[...]) },
                id: StreamID(milliseconds: 5, sequence: 7))
            #expect(try await Producer(fixture.client).queue([message], on: "s") == [message.id])
            let reply = try await fixture.redis("XRANGE", fixture.keys.stream("s"), "-", "+")
            let entry = try #require(StreamEntries(range: reply).first)
            #expect((0..<4).map { Array(entry.fieldElement(2 * $0)) } == names)
            #expect((0..<4).allSatisfy { Array(entry.fieldElement(2 * $0 + 1)) == binary })
        }
    }

    @Test func noMessagesMakeNoStream() async throws {
        try await withNamespace { fixture in
            let ids = try await Producer(fixture.client).queue([OutgoingMessage](), on: "s")
            #expect(ids.isEmpty)
            #expect(try await fixture.redis("EXISTS", fixture.keys.stream("s")).integer == 0)
        }
    }

    @Test func aKeyOfAnotherTypeIsAnErrorAndStaysAsItIs() async throws {
        try await withNamespace { fixture in
            try await fixture.redis("SET", fixture.keys.stream("s"), "text")
            let error = await #expect(throws: RedisError.self) {
                try await Producer(fixture.client).queue(OutgoingMessage.numbered([1]), on: "s")
            }
            #expect(error?.code == "WRONGTYPE")
            #expect(try await fixture.string(fixture.keys.stream("s")) == "text")
        }
    }

    @Test func theEncoderWritesWhatTheServerReads() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.stream("s")
            var encoder = EntryEncoder(key: key)
            Array("first".utf8).withUnsafeBytes { encoder.append(payload: $0) }
            encoder.removeAll()
            Array("second".utf8).withUnsafeBytes { encoder.append(payload: $0) }
            encoder.append(OutgoingMessage(payload: "third".utf8))
            let pipeline = encoder.pipeline
            #expect(pipeline.count == 2)
            _ = try await fixture.client.pool.withConnection(for: nil) { try await $0.executeChecked(pipeline) }
            #expect(
                try await fixture.entries(key).map(\.fields) == [
                    ["payload", "second"], ["payload", "third"],
                ])
        }
    }
}

@Suite(.timeLimit(.minutes(3))) struct BulkTests {
    @Test func delayMessagesStandBeforeTheChangeAndTheOthersAfterIt() async throws {
        try await withNamespace { fixture in
            let (stream, delayed) = (fixture.keys.stream("s"), fixture.keys.delayStream("s"))
            let value = try await Producer(fixture.client).bulk(OutgoingMessage.numbered(1...3), on: "s") {
                let before = try await fixture.entries(delayed)
                #expect(before.map { $0.fields[1] } == ["1", "2", "3"])
                #expect(try await fixture.length(stream) == 0)
                return "saved"
            }
            #expect(value == "saved")
            #expect(try await fixture.entries(stream).map { $0.fields[1] } == ["1", "2", "3"])
            #expect(try await fixture.length(delayed) == 3)
        }
    }

    @Test func aChangeThatThrowsQueuesNothingAndLeavesTheDelayMessages() async throws {
        struct Refused: Error {}
        try await withNamespace { fixture in
            await #expect(throws: Refused.self) {
                try await Producer(fixture.client).bulk(OutgoingMessage.numbered([1]), on: "s") {
                    throw Refused()
                }
            }
            let queued = try await fixture.length(fixture.keys.stream("s"))
            #expect(queued == 0)
            #expect(try await fixture.length(fixture.keys.delayStream("s")) == 1)
        }
    }

    @Test func theSetIsTakenOnceBeforeTheChange() async throws {
        try await withNamespace { fixture in
            let records = Recorder<Int>()
            records.note(contentsOf: [1, 2])
            // A collection that is computed anew each time, as a query would be.
            let messages = (0..<2).lazy.map { position in
                OutgoingMessage(payload: String(records.values.suffix(2).map(\.self)[position]).utf8)
            }
            try await Producer(fixture.client).bulk(messages, on: "s") {
                records.note(contentsOf: [3, 4])
            }
            #expect(try await fixture.entries(fixture.keys.stream("s")).map { $0.fields[1] } == ["1", "2"])
        }
    }

    @Test func aDelayMessageThatCannotBeWrittenStopsTheChange() async throws {
        try await withNamespace { fixture in
            try await fixture.redis("SET", fixture.keys.delayStream("s"), "text")
            await #expect(throws: RedisError.self) {
                try await Producer(fixture.client).bulk(OutgoingMessage.numbered([1]), on: "s") {
                    Issue.record("the change ran without its delay messages")
                }
            }
        }
    }
}

@Suite(.timeLimit(.minutes(3))) struct ReplicaWaitTests {
    @Test func tooFewReplicasIsAnErrorThatSaysWhatWasWritten() async throws {
        try await withNamespace { fixture in
            let wait = Producer.ReplicaWait(replicas: 1, timeout: .milliseconds(20))
            let error = await #expect(throws: RedstreamError.self) {
                try await Producer(fixture.client, waitingFor: wait).queue(
                    OutgoingMessage.numbered(1...3), on: "s")
            }
            #expect(error == .tooFewReplicas(written: 3, acknowledged: 0, wanted: 1))
            #expect(error?.description.contains("3 messages are written, but 0 of 1 replicas") == true)
            let length = try await fixture.length(fixture.keys.stream("s"))
            #expect(length == 3)
        }
    }

    @Test func eachRoundTripWaitsForItsOwnWrites() async throws {
        try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                let wait = Producer.ReplicaWait(replicas: 1, timeout: .milliseconds(20))
                await #expect(throws: RedstreamError.tooFewReplicas(written: 1001, acknowledged: 0, wanted: 1)) {
                    try await Producer(fixture.client, waitingFor: wait).queue(
                        OutgoingMessage.numbered(1...1001), on: "s")
                }
                let calls = try await fixture.redis("INFO", "commandstats").string ?? ""
                #expect(calls.contains("cmdstat_wait:calls=2,"), "\(calls)")
            }
        }
    }

    @Test func anAcknowledgedWriteStandsOnTheReplica() async throws {
        // A primary waits five seconds for further replicas before it serves the first.
        let options = RedisServer.Options(listensOnTCP: true, lines: ["repl-diskless-sync-delay 0"])
        try await RedisServer.with(options) { primary in
            let port = try #require(primary.port)
            let lines = ["replicaof 127.0.0.1 \(port)"]
            try await RedisServer.with(.init(lines: lines)) { replica in
                try await withNamespace(on: primary) { fixture in
                    let replicaPool = RedisPool(replica.configuration)
                    defer { replicaPool.close() }
                    try await eventually("the replica is in step") {
                        let info = try await fixture.redis("INFO", "replication").string ?? ""
                        return info.contains("state=online")
                    }
                    let wait = Producer.ReplicaWait(replicas: 1, timeout: .seconds(20))
                    try await Producer(fixture.client, waitingFor: wait).queue(
                        OutgoingMessage.numbered(1...3), on: "s")
                    let key = fixture.keys.stream("s")
                    let length = try await replicaPool.withConnection(for: nil) {
                        try await $0.call("XLEN", key).integer
                    }
                    #expect(length == 3)
                }
            }
        }
    }
}
