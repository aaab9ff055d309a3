import Redstream
import RedstreamConnection
import TestSupport
import Testing

@testable import RedstreamCLI

/// `produce --shards`: each message stands in the shard of its record.
@Suite struct ShardedProduceTests {
    private func shards(_ fixture: Fixture, count: Int = 4) async throws -> [[String]] {
        var all: [[String]] = []
        for stream in Sharding(count: count).streams(of: "products") { all.append(try await fixture.payloads(stream)) }
        return all
    }

    @Test func aPayloadGoesByTheTextOfItsID() async throws {
        try await withNamespace { fixture in
            let payloads = [
                #"{"id":1}"#, #"{"id":"1","n":2}"#, #"{ "x": {"id": 9}, "id" : 2 }"#, #"{"id":9007199254740993}"#,
                #"{"id":1.5}"#, #"{"id":"\u00fcmlaut"}"#, #"{"id":"a\/b"}"#, #"{"id":1,"id":"abc"}"#,
                #"{"\u0069d":"abc"}"#, #"{"id":""}"#,
            ]
            let ids = ["1", "1", "2", "9007199254740993", "1.5", "ümlaut", "a/b", "abc", "abc", ""]
            try await fixture.run(
                "produce", "--stream", "products", "--shards", "4", input: .text(payloads.joined(separator: "\n"))
            ).expect(.done)
            var expected = [[String]](repeating: [], count: 4)
            for (payload, id) in zip(payloads, ids) { expected[Sharding(count: 4).shard(of: id)].append(payload) }
            #expect(try await shards(fixture) == expected)
        }
    }

    @Test func anotherKeyCanChoose() async throws {
        try await withNamespace { fixture in
            try await fixture.run(
                "produce", "--stream", "products", "--shards", "4", "--shard-key", "shop.id",
                #"{"id":0,"shop.id":"abc"}"#
            ).expect(.done)
            #expect(try await fixture.payloads("products-1") == [#"{"id":0,"shop.id":"abc"}"#])
        }
    }

    @Test func idsChooseByThemselvesAndKeepTheirOrderInEachShard() async throws {
        try await withNamespace { fixture in
            let ids = (0..<3000).map(String.init)
            let result = try await fixture.run(
                "produce", "--stream", "products", "--shards", "4", "--ids", "-o", "json",
                input: .text(ids.joined(separator: "\n")))
            result.expect(.done)
            let found = try await shards(fixture)
            for shard in 0..<4 {
                let expected = ids.filter { Sharding(count: 4).shard(of: $0) == shard }.map { #"{"id":\#($0)}"# }
                #expect(found[shard] == expected)
                let last = try #require(try await fixture.ids("products-\(shard)").last)
                #expect(
                    result.output.contains(
                        #"{"stream":"products-\#(shard)","produced":\#(expected.count),"last_id":"\#(last)"}"#))
            }
            #expect(result.output.hasPrefix(#"{"stream":"products","produced":3000,"last_id":null,"#))
        }
    }

    @Test func recordsChooseByTheirPayload() async throws {
        try await withNamespace { fixture in
            let lines = [
                #"{"id":"5-0","stream":"old","payload":{"id":2}}"#,
                #"{"id":"6-0","stream":"old","fields":[["a","b"],["payload","{\"id\":\"abc\"}"]]}"#,
            ]
            try await fixture.run(
                "produce", "--stream", "products", "--shards", "4", "--records", "--keep-ids",
                input: .text(lines.joined(separator: "\n"))
            ).expect(.done)
            #expect(try await fixture.ids("products-3") == ["5-0"])
            #expect(
                try await fixture.entries(fixture.keys.stream("products-1"))
                    == [.init("6-0", "a", "b", "payload", #"{"id":"abc"}"#)])
        }
    }

    @Test(arguments: [
        ([], "[1]", "it is no JSON object"), ([], #"{"idx":1}"#, #"it has no key "id""#),
        ([], #"{"id":null}"#, "neither a number nor a string"), ([], #"{"id":{"id":1}}"#, "neither a number"),
        (["--records"], #"{"fields":[["a","b"]]}"#, "it has no payload"),
        (["--records"], #"{"fields":[["payload","{"]]}"#, "the text ends too early"),
    ])
    func whatHasNoShardIsRefusedByItsLine(flags: [String], line: String, reason: String) async throws {
        try await withNamespace { fixture in
            let good = flags.isEmpty ? #"{"id":1}"# : #"{"payload":{"id":1}}"#
            let words = ["produce", "--stream", "products", "--shards", "4"] + flags
            let input = "\(good)\n\(line)\n\(good)\n"
            let failed = try await ToolProcess(
                words, environment: fixture.toolEnvironment, input: .text(input)
            ).result()
            failed.expect(.badData)
            #expect(failed.errors.contains("redstream: line 2 is "))
            #expect(failed.errors.contains(reason))
            let skipped = try await ToolProcess(
                words + ["--invalid", "skip"], environment: fixture.toolEnvironment, input: .text(input)
            ).result()
            skipped.expect(.done)
            #expect(skipped.output == "produced 2 messages to 4 shards of products, 0 to 2 each, 1 line skipped\n")
            #expect(try await fixture.payloads("products-2").count == 3)
        }
    }

    @Test func delayMessagesGoToTheDelayStreamsOfTheShards() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.run(
                "produce", "--stream", "products", "--shards", "4", "--delayed", "--print-ids", #"{"id":1}"#,
                #"{"id":"abc"}"#)
            result.expect(.done)
            #expect(try await fixture.ids("products-2.delay") == [result.lines.line(0)])
            #expect(try await fixture.ids("products-1.delay") == [result.lines.line(1)])
            #expect(
                result.errorsBesidesNew
                    == "produced 2 messages to the delay streams of 4 shards of products, 0 to 1 each\n")
        }
    }

    @Test func keptIDsAreNotWrittenTwiceAfterABrokenConnection() async throws {
        try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                let client = fixture.makeClient()
                let sharding = Sharding(count: 3)
                let keys = sharding.streams(of: "products").map(client.keys.stream)
                var pipeline = ProducePipeline(client, stream: "products", keys: keys, retryLimit: .seconds(20))
                var batch = OutgoingBatch(keys: keys)
                for number in 1...300 {
                    var message = OutgoingMessage(payload: "\(number)".utf8)
                    message.id = StreamID(milliseconds: UInt64(number), sequence: 0)
                    batch.append(message, to: sharding.shard(of: "\(number)"))
                }
                try await pipeline.submit(batch)
                try await eventually("all are written, and not acknowledged") {
                    var count = 0
                    for key in keys { count += try await fixture.length(key) }
                    return count == 300
                }
                try await fixture.redis("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                try await pipeline.flush()
                pipeline.close()
                #expect(pipeline.tally.acknowledged == 300)
                for (shard, key) in keys.enumerated() {
                    let expected = (1...300).filter { sharding.shard(of: "\($0)") == shard }.map { "\($0)-0" }
                    #expect(try await fixture.entries(key).map(\.id) == expected)
                    #expect(pipeline.tally.targets[shard].acknowledged == expected.count)
                    #expect(pipeline.tally.targets[shard].lastID?.description == expected.last)
                }
            }
        }
    }

    @Test(arguments: [
        (["produce", "--stream", "s", "--shards", "0"], "a whole number from 1 to 65536"),
        (["produce", "--stream", "s", "--shards", "x"], "a whole number from 1 to 65536"),
        (["produce", "--stream", "s", "--shard-key", "x"], "--shard-key goes with --shards"),
        (["produce", "--stream", "s", "--shards", "2", "--ids", "--shard-key", "x"], "leave out --shard-key"),
        (["consume", "--stream", "s", "--name", "n", "--max-active", "2"], "--max-active goes with --shards"),
        (["consume", "--stream", "s", "--shards", "4", "--max-active", "2"], "add --name"),
        (["consume", "--stream", "s", "--name", "n", "--shards", "4", "--max-active", "0"], "at least 1"),
        (["delay", "--shards", "4", "--delay", "1s"], "add --stream"),
        (["delay", "--stream", "s", "--shards", "4", "--max-active", "1", "--delay", "1s", "--once"], "--max-active"),
        (["trim", "--shards", "4", "--expiry", "1d"], "add --stream"),
        (["inspect-offsets", "--shards", "4"], "add --stream"),
    ])
    func optionsThatMakeNoSenseTogetherAreUsage(words: [String], text: String) async throws {
        let result = try await ToolProcess.runWithoutServer(words)
        result.expect(.usage)
        #expect(result.errors.contains(text))
    }
}

/// `shard-of`: where a record belongs.
@Suite struct ShardOfTests {
    @Test func tellsNumbersOrStreams() async throws {
        let numbers = try await ToolProcess.runWithoutServer(["shard-of", "1", "abc", "--shards", "16"])
        numbers.expect(.done)
        #expect(numbers.output == "10\n9\n")
        let streams = try await ToolProcess.runWithoutServer(
            ["shard-of", "--shards", "16", "--stream", "products", "--", "-1"])
        #expect(streams.output == "products-4\n")
    }

    @Test func readsLinesWhereNoIDIsGiven() async throws {
        let result = try await ToolProcess.run(
            ["shard-of", "--shards", "4", "--stream", "products", "-o", "json"], input: .text("1\n 日本\r\n "))
        result.expect(.done)
        #expect(
            result.lines == [
                #"{"id":"1","shard":2,"stream":"products-2"}"#, #"{"id":"日本","shard":2,"stream":"products-2"}"#,
            ])
    }
}
