import Redstream
import TestSupport
import Testing

@testable import RedstreamCLI

/// `consume --shards`, `trim --shards`, `delay --shards --once` and `inspect-offsets --shards`.
@Suite struct ShardedConsumeTests {
    private func produce(_ count: Int, _ fixture: Fixture) async throws {
        try await fixture.run(
            "produce", "--stream", "products", "--shards", "3", "--ids",
            input: .text((1...count).map { "\($0)\n" }.joined())
        ).expect(.done)
    }

    @Test func looksAtAllShardsAndEachRecordNamesItsOwn() async throws {
        try await withNamespace { fixture in
            try await produce(30, fixture)
            let result = try await fixture.run("consume", "--stream", "products", "--shards", "3", "--exit-at-end")
            result.expect(.done)
            #expect(result.lines.count == 30)
            for shard in 0..<3 {
                let mine = result.lines.filter { $0.contains(#""stream":"products-\#(shard)""#) }
                #expect(
                    try await mine.map { $0.contains(#""payload":"#) ? $0.split(separator: "\"")[3] : "" }
                        == fixture.ids("products-\(shard)").map { $0[...] })
            }
        }
    }

    @Test func countsOverAllShards() async throws {
        try await withNamespace { fixture in
            try await produce(30, fixture)
            let look = try await fixture.run("consume", "--stream", "products", "--shards", "3", "--count", "7")
            #expect(look.lines.count == 7)
            var seen: [String] = []
            for _ in 0..<5 {
                let result = try await fixture.run(
                    "consume", "--stream", "products", "--shards", "3", "--name", "n", "--count", "6", "-o", "payload")
                result.expect(.done)
                #expect(result.lines.count == 6)
                seen += result.lines
            }
            #expect(Set(seen).count == 30)
        }
    }

    @Test func leavesNoOffsetOnAShardThatDoesNotExist() async throws {
        try await withNamespace { fixture in
            try await produce(1, fixture)
            let result = try await fixture.run(
                "consume", "--stream", "products", "--shards", "3", "--name", "n", "--exit-at-end", "-o", "payload")
            result.expect(.done)
            #expect(result.lines.count == 1)
            var offsets = 0
            for shard in 0..<3 {
                let key = fixture.keys.offset(.init(stream: "products-\(shard)", name: "n"))
                if try await fixture.string(key) != nil { offsets += 1 }
            }
            #expect(offsets == 1)
        }
    }

    @Test func followsShardsThatComeLaterUntilStopped() async throws {
        try await withNamespace { fixture in
            let tool = try fixture.tool("consume", "--stream", "products", "--shards", "3", "-o", "text")
            try await tool.waitForErrors(containing: "there is no shard of products yet")
            let id = try await fixture.add("{}", to: fixture.keys.stream("products-2"))
            #expect(try await tool.nextLine() == "products-2  \(id)  {}")
            tool.signal(15)
            try await tool.result().expect(.done)
        }
    }

    @Test func startsEveryShardAfterWhatAnotherConsumerHasCommittedThere() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...3, to: fixture.keys.stream("products-0"))
            try await fixture.add(numbered: 1...3, to: fixture.keys.stream("products-1"))
            try await fixture.setOffset("2-0", on: "products-0")
            let result = try await fixture.run(
                "consume", "--stream", "products", "--shards", "2", "--from", "committed:indexer", "--exit-at-end",
                "-o",
                "payload")
            #expect(result.lines.sorted() == ["1", "2", "3", "3"])
        }
    }

    @Test func largeOutputOfSeveralShardsKeepsItsLines() async throws {
        try await withNamespace { fixture in
            let long = String(repeating: "x", count: 3000)
            let input = (1...900).map { #"{"id":\#($0),"text":"\#(long)"}"# + "\n" }.joined()
            try await fixture.run("produce", "--stream", "products", "--shards", "3", input: .text(input)).expect(.done)
            let result = try await fixture.run(
                "consume", "--stream", "products", "--shards", "3", "--exit-at-end", "--batch-size", "10", "-o",
                "payload")
            #expect(result.lines.count == 900)
            #expect(Set(result.lines.map(\.count)).count <= 3)
        }
    }

    @Test func withoutWaitingItExitsWith75WhereNoShardWasFree() async throws {
        try await withNamespace { fixture in
            for shard in 0..<3 {
                try await fixture.hold(fixture.keys.lock(ConsumerName(stream: "products-\(shard)", name: "n")))
            }
            let result = try await fixture.run(
                "consume", "--stream", "products", "--shards", "3", "--name", "n", "--no-wait")
            result.expect(.lockHeld)
            #expect(result.errors.contains("cannot consume: consumer n of products-0 is held by f00@elsewhere:1"))
            #expect(!result.errors.contains("stands by"))
        }
    }

    @Test func withoutWaitingItReadsWhatIsFreeAndTellsThatSomeIsNot() async throws {
        try await withNamespace { fixture in
            try await produce(30, fixture)
            try await fixture.hold(fixture.keys.lock(ConsumerName(stream: "products-1", name: "n")))
            let result = try await fixture.run(
                "consume", "--stream", "products", "--shards", "3", "--name", "n", "--no-wait", "--exit-at-end")
            result.expect(.lockHeld)
            #expect(result.errors.contains("consumer n of products-1 is held by f00@elsewhere:1"))
            #expect(!result.errors.contains("stands by"))
            #expect(try await result.lines.count == 30 - fixture.ids("products-1").count)
        }
    }

    @Test func delaysAndTrimsAllShards() async throws {
        try await withNamespace { fixture in
            try await fixture.run(
                "produce", "--stream", "products", "--shards", "3", "--ids", "--delayed", input: .text("1\n2\n3\n")
            ).expect(.done)
            let moved = try await fixture.run(
                "delay", "--stream", "products", "--shards", "3", "--delay", "1ms", "--once")
            moved.expect(.done)
            #expect(moved.lines.count == 3)
            let trimmed = try await fixture.run(
                "trim", "--stream", "products", "--shards", "3", "--expiry", "1ms", "--once", "-o", "json")
            trimmed.expect(.done)
            #expect(trimmed.lines.count == 3)
            for shard in 0..<3 { #expect(try await fixture.ids("products-\(shard)").isEmpty) }
        }
    }
}

/// `inspect-offsets --shards`.
@Suite struct ShardedInspectTests {
    private func prepare(_ fixture: Fixture) async throws {
        try await fixture.add(numbered: 1...6, to: fixture.keys.stream("products-0"))
        try await fixture.add(numbered: 1...2, to: fixture.keys.stream("products-1"))
        try await fixture.add(numbered: 1...9, to: fixture.keys.stream("products-7"))
        try await fixture.setOffset("4-0", on: "products-0")
        try await fixture.hold(fixture.keys.lock(ConsumerName(stream: "products-0", name: "indexer")))
    }

    @Test func addsUpWhatTheShardsHold() async throws {
        try await withNamespace { fixture in
            try await prepare(fixture)
            let result = try await fixture.run("inspect-offsets", "--stream", "products", "--shards", "3")
            result.expect(.done)
            let words = result.lines.map { $0.split(separator: " ").map(String.init) }
            // Four of six are committed; of products-1 nothing is, though no offset stands there.
            #expect(
                words.first { $0.first == "products" }?.prefix(8)
                    == ["products", "indexer", "2/3", "1/3", "1", "4", "products-0", "1.50"])
            #expect(words.contains { $0.prefix(5) == ["products", "2/3", "8", "products-0", "2.25"] })
            #expect(words.contains { $0.prefix(2) == ["products-1", "indexer"] && $0.last == "stopped" })
            #expect(!result.output.contains("products-7"))
        }
    }

    @Test func tellsItToPrograms() async throws {
        try await withNamespace { fixture in
            try await prepare(fixture)
            let json = try await fixture.run("inspect-offsets", "--stream", "products", "--shards", "3", "-o", "json")
            #expect(
                json.output.contains(
                    #""shards":{"stream":"products","shards":3,"existing":2,"length":8,"length_skew":2.25,"longest":"products-0","#
                ))
            #expect(
                json.output.contains(
                    #"{"consumer":"indexer","known":2,"held":1,"holders":1,"lag":4,"lag_is_bounded":false,"lag_skew":1.50,"largest":"products-0","#
                ))
            let metrics = try await fixture.run(
                "inspect-offsets", "--stream", "products", "--shards", "3", "-o", "prometheus")
            let consumer = #"{stream="products",consumer="indexer",namespace="\#(fixture.namespace)"}"#
            #expect(metrics.lines.contains("redstream_shards_lag\(consumer) 4"))
            #expect(metrics.lines.contains("redstream_shards_lag_skew\(consumer) 1.5"))
            #expect(
                metrics.lines.contains(
                    #"redstream_shards_length{stream="products",namespace="\#(fixture.namespace)"} 8"#))
            let plain = try await fixture.run("inspect-offsets", "-o", "json")
            #expect(plain.output.contains(#""shards":null"#))
        }
    }

    @Test(arguments: [(3, ["3 shards of products, indexer: lag 4 is over 3"]), (4, [])])
    func checksTheLagOfAllShardsTogether(limit: Int, lines: [String]) async throws {
        try await withNamespace { fixture in
            try await prepare(fixture)
            let result = try await fixture.run(
                "inspect-offsets", "--stream", "products", "--shards", "3", "--max-lag", "\(limit)")
            result.expect(lines.isEmpty ? .done : .checkFailed)
            #expect(result.errorLines == lines.map { "redstream: \($0)" })
        }
    }
}
