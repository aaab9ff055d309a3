import Redstream
import TestSupport
import Testing

@testable import RedstreamCLI

/// The line of `produce` for a stream that did not exist before: its name may be a mistake.
@Suite struct NewStreamTests {
    /// Runs the test where the server tells how many entries a stream ever had: from Redis 7.0 on.
    private func withRedis7(_ body: (Fixture) async throws -> Void) async throws {
        try await withNamespace { fixture in
            try await fixture.add("1", to: fixture.keys.stream("products"))
            let summary = try await fixture.client.summary(of: "products")
            guard summary?.entriesAdded != nil else { return }
            try await body(fixture)
        }
    }

    private func produce(_ fixture: Fixture, _ arguments: String...) async throws -> String {
        let result = try await ToolProcess.run(["produce"] + arguments, environment: fixture.toolEnvironment)
        result.expect(.done)
        return result.errors
    }

    @Test func newStreamIsSaidWithWhatWasMeant() async throws {
        try await withRedis7 { fixture async throws in
            #expect(
                try await produce(fixture, "--stream", "prodcts", "1", "2")
                    == "redstream: prodcts: a new stream (did you mean products?)\n")
            #expect(try await produce(fixture, "--stream", "prodcts", "3").isEmpty)
            #expect(try await produce(fixture, "--stream", "zz", "1", "-o", "json") == "redstream: zz: a new stream\n")
            #expect(try await produce(fixture, "--stream", "products", "1").isEmpty)
        }
    }

    @Test func emptiedStreamIsNotNew() async throws {
        try await withRedis7 { fixture async throws in
            try await fixture.redis("XTRIM", fixture.keys.stream("products"), "MAXLEN", 0)
            #expect(try await produce(fixture, "--stream", "products", "1").isEmpty)
        }
    }

    @Test func delayStreamIsNewOnlyWithItsStream() async throws {
        try await withRedis7 { fixture async throws in
            #expect(try await produce(fixture, "--stream", "products", "--delayed", "1").isEmpty)
            #expect(
                try await produce(fixture, "--stream", "prodcts", "--delayed", "1")
                    == "redstream: prodcts.delay: a new stream (did you mean products?)\n")
        }
    }

    @Test func streamOfShardsIsMissedByItsBaseName() async throws {
        try await withRedis7 { fixture async throws in
            for shard in 0..<8 { try await fixture.add("1", to: fixture.keys.stream("orders-\(shard)")) }
            #expect(
                try await produce(fixture, "--stream", "orders", "1")
                    == "redstream: orders: a new stream (orders-0 to orders-7 exist: add --shards 8)\n")
            #expect(
                try await produce(fixture, "--stream", "ordrs", "--shards", "4", #"{"id":1}"#)
                    == "redstream: 4 shards of ordrs: new streams (did you mean orders?)\n")
            #expect(
                try await produce(fixture, "--stream", "orders", "--shards", "4", #"{"id":1}"#)
                    == "redstream: orders-4 exists, so orders has more than 4 shards: --shards 8; records may go to the wrong shard\n"
            )
            #expect(try await produce(fixture, "--stream", "orders", "--shards", "8", #"{"id":1}"#).isEmpty)
        }
    }

    @Test func changeByHandSaysItToo() async throws {
        try await withRedis7 { fixture async throws in
            let said = try await produce(fixture, "--stream", "prodcts", "--around", "true", "1")
            #expect(said.hasSuffix("redstream: prodcts: a new stream (did you mean products?)\n"))
            #expect(said.count(of: "a new stream") == 1)
        }
    }

    @Test func namespaceWithoutStreamsNamesTheOthers() async throws {
        try await withRedis7 { fixture async throws in
            try await withNamespace { other in
                let said = try await produce(other, "--stream", "products", "1")
                #expect(said.hasPrefix("redstream: products: a new stream (namespaces here: "))
            }
        }
    }
}
