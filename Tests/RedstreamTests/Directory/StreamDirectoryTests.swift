import RedstreamConnection
import TestSupport
import Testing

@testable import Redstream

@Suite(.timeLimit(.minutes(3))) struct StreamDirectoryTests {
    @Test(
        arguments: [
            ("products:indexer", ["products"], ["products|indexer"]),
            // The only split there is needs no stream.
            ("products:indexer", [], ["products|indexer"]),
            ("a:b:c", ["a"], ["a|b:c"]),
            ("a:b:c", ["a:b"], ["a:b|c"]),
            ("a:b:c", ["a", "a:b"], ["a|b:c", "a:b|c"]),
            ("a:b:c", [], ["a|b:c", "a:b|c"]),
            ("a:b:c", ["b"], ["a|b:c", "a:b|c"]),
            ("nocolon", ["nocolon"], []),
            (":x", [""], ["|x"]),
        ] as [(String, Set<String>, [String])])
    func existingStreamsSayWhereAStreamsNameEnds(name: String, streams: Set<String>, splits: [String]) {
        let found = StreamDirectory.splits(of: name, among: streams).map { "\($0.stream)|\($0.name)" }
        #expect(found == splits)
    }

    @Test func globCharactersMeanThemselves() {
        #expect("a*b?c[d]e\\f".escapedForGlob == "a\\*b\\?c\\[d\\]e\\\\f")
        #expect("plain:name {x} ^-".escapedForGlob == "plain:name {x} ^-")
    }

    @Test func findsStreamsAndConsumersByOffsetOrLock() async throws {
        try await withNamespace { fixture in
            let keys = fixture.keys
            for stream in ["products", "products.delay", "products.indexer.dead", "odd name:{x}\n"] {
                try await fixture.add(to: keys.stream(stream))
            }
            try await fixture.redis(
                "SET", keys.offset(ConsumerName(stream: "products", name: "indexer")), "0-0")
            try await fixture.redis("SET", keys.lock(ConsumerName(stream: "products", name: "new")).key, "h")
            try await fixture.redis("SET", keys.offset(.delayer(of: "products")), "0-0")
            // Neither a list of notifications nor a trimmer's lock is a consumer.
            try await fixture.redis(
                "RPUSH", keys.lock(ConsumerName(stream: "products", name: "gone")).notifyKey, "1")
            try await fixture.redis("SET", keys.trimmerLock("products").key, "h")
            let directory = try await fixture.client.directory()
            #expect(
                directory.streams == [
                    "odd name:{x}\n", "products", "products.delay", "products.indexer.dead",
                ])
            #expect(directory.primaryStreams == ["odd name:{x}\n", "products"])
            #expect(directory.delayedStreams == ["products"])
            #expect(
                directory.consumers == [
                    ConsumerName(stream: "products", name: "indexer"),
                    ConsumerName(stream: "products", name: "new"), .delayer(of: "products"),
                ])
            #expect(directory.ambiguous.isEmpty)
        }
    }

    @Test func whatIsAmbiguousIsReportedNotGuessed() async throws {
        try await withNamespace { fixture in
            for stream in ["a", "a:b"] { try await fixture.add(to: fixture.keys.stream(stream)) }
            try await fixture.redis("SET", "\(fixture.keys.base):offset:a:b:c", "0-0")
            let directory = try await fixture.client.directory()
            #expect(directory.consumers.isEmpty)
            #expect(
                directory.ambiguous == [
                    "a:b:c": [ConsumerName(stream: "a", name: "b:c"), ConsumerName(stream: "a:b", name: "c")]
                ])
        }
    }

    @Test func aNamespaceWithGlobCharactersSeesOnlyItself() async throws {
        try await RedisServer.with { server in
            let pool = RedisPool(server.configuration)
            defer { pool.close() }
            let star = StreamClient(pool: pool, namespace: "s*p[a]")
            for namespace in ["s*p[a]", "shopa", "shop[a]", "s*pa"] {
                let client = StreamClient(pool: pool, namespace: namespace)
                try await Producer(client).queue(OutgoingMessage.numbered([1]), on: namespace)
            }
            #expect(try await star.directory().streams == ["s*p[a]"])
        }
    }

    @Test func manyKeysAreScannedInSteps() async throws {
        try await RedisServer.with { server in
            let client = StreamClient(server.configuration)
            let pool = client.pool
            var pipeline = RedisPipeline()
            for number in 0..<5000 { pipeline.append("SET", "other:\(number)", 1) }
            for number in 0..<1500 {
                pipeline.append("XADD", client.keys.stream("s\(number)"), "*", "a", "b")
            }
            let commands = pipeline
            _ = try await pool.withConnection(for: nil) { try await $0.executeChecked(commands) }
            #expect(try await client.directory().streams.count == 1500)
            pool.close()
        }
    }
}
