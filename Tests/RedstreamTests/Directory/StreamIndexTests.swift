import RedstreamConnection
import TestSupport
import Testing

@testable import Redstream

/// Names in a database that has many keys of others.
@Suite(.timeLimit(.minutes(3))) struct StreamIndexTests {
    private let products = ConsumerName(stream: "products", name: "indexer")

    /// Makes the last scan older than an hour.
    private func ageScan(_ fixture: Fixture) async throws {
        try await fixture.redis("HSET", fixture.keys.scanRecord, "began", "1000")
    }

    @Test func aSecondLookScansNothingAndFindsTheSame() async throws {
        try await withManyKeys { fixture in
            for stream in ["products", "products.delay", "products.indexer.dead", "a", "a:b"] {
                try await fixture.add(to: fixture.keys.stream(stream))
            }
            try await fixture.redis("SET", fixture.keys.stream("text"), "no stream")
            for offset in ["products:indexer", "products.delay:delayer", "a:b:c", "gone:consumer"] {
                try await fixture.redis("SET", "\(fixture.keys.base):offset:\(offset)", "0-0")
            }
            let first = try await look(fixture)
            #expect(first.streams == ["a", "a:b", "products", "products.delay", "products.indexer.dead"])
            #expect(
                first.consumers.map { "\($0.stream) \($0.name)" } == [
                    "gone consumer", "products indexer", "products.delay delayer",
                ])
            #expect(first.ambiguous.keys.sorted() == ["a:b:c"])
            let count = try await scans(fixture)
            #expect(count > 10)
            #expect(try await fixture.makeClient().directory() == first)
            #expect(try await fixture.client.directory(for: .namedStreams, of: ["products"]).consumers.count == 2)
            #expect(try await scans(fixture) == count)
        }
    }

    @Test func namesThatWentAreNotShown() async throws {
        try await withManyKeys { fixture in
            for stream in ["products", "users"] { try await fixture.add(to: fixture.keys.stream(stream)) }
            try await fixture.redis("SET", fixture.keys.offset(products), "0-0")
            _ = try await look(fixture)
            try await fixture.redis("DEL", fixture.keys.stream("users"), fixture.keys.offset(products))
            let directory = try await fixture.client.directory()
            #expect(directory.streams == ["products"])
            #expect(directory.consumers.isEmpty)
            try await ageScan(fixture)
            _ = try await fixture.client.directory()
            #expect(
                try await fixture.redis("ZRANGE", fixture.keys.streamNames, 0, -1).elements.map(\.string) == [
                    "products"
                ])
            #expect(try await fixture.redis("EXISTS", fixture.keys.consumers(of: "products")).integer == 0)
        }
    }

    @Test func findsNamesOfTheGemByTheNextScan() async throws {
        try await withManyKeys { fixture in
            try await fixture.add(to: fixture.keys.stream("products"))
            _ = try await look(fixture)
            try await fixture.gem.commit("0-0", of: "indexer", on: "products")
            #expect(try await fixture.client.directory().consumers.isEmpty)
            try await ageScan(fixture)
            #expect(try await fixture.client.directory().consumers == [products])
        }
    }

    @Test func findsOwnNamesWithoutAScan() async throws {
        try await withManyKeys { fixture in
            _ = try await look(fixture)
            let message = OutgoingMessage(payload: "{}".utf8)
            try await Producer(fixture.client).queue([message], on: "products")
            #expect(try await fixture.client.directory().streams == ["products"])
            _ = try await Consumer(fixture.client, stream: "products", name: "indexer") { _ in }.runOnce()
            #expect(try await fixture.client.directory().consumers == [products])
            _ = try await fixture.client.seek(ConsumerName(stream: "products", name: "new"), to: .earliest)
            #expect(try await fixture.client.directory().consumers.map(\.name) == ["indexer", "new"])
        }
    }

    @Test func anotherServerIsScannedAnew() async throws {
        try await withManyKeys { fixture in
            try await fixture.add(to: fixture.keys.stream("products"))
            _ = try await look(fixture)
            let count = try await scans(fixture)
            try await fixture.redis("HSET", fixture.keys.scanRecord, "servers", "of-another-server")
            _ = try await fixture.client.directory(for: .namedStreams, of: ["products"])
            #expect(try await scans(fixture) > count)
        }
    }

    @Test func manyServicesScanOnce() async throws {
        try await withManyKeys { fixture in
            try await fixture.add(to: fixture.keys.stream("products"))
            try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 1...8 {
                    let client = fixture.makeClient()
                    group.addTask { try await client.directory(for: .service).streams }
                }
                for try await streams in group { #expect(streams == ["products"]) }
            }
            #expect(try await scans(fixture) < 2 * 12)
        }
    }

    @Test func aForgottenNameIsNotBroughtBackByAnOlderScan() async throws {
        try await withManyKeys { fixture in
            try await fixture.add(to: fixture.keys.stream("products"))
            _ = try await Consumer(fixture.client, stream: "products", name: "indexer") { _ in }.runOnce()
            let index = StreamIndex(client: fixture.client)
            let before = try #require(try await index.state())
            let names = FoundNames(
                keys: [fixture.keys.stream("products"), fixture.keys.offset(products)], of: fixture.keys)
            _ = try await fixture.client.forget(products)
            let record = ScanRecord(began: before.now, cost: .seconds(1), pages: 20, servers: before.servers)
            _ = try await index.merge(names, record, into: before)
            #expect(try await fixture.redis("EXISTS", fixture.keys.consumers(of: "products")).integer == 0)
            #expect(try await fixture.client.directory().consumers.isEmpty)
        }
    }

    @Test func aConsumerThatBeganAfterTheScanStays() async throws {
        try await withManyKeys { fixture in
            try await fixture.add(to: fixture.keys.stream("products"))
            let index = StreamIndex(client: fixture.client)
            let before = try #require(try await index.state())
            _ = try await Consumer(fixture.client, stream: "products", name: "indexer") { _ in }.runOnce()
            // Its offset goes, as by a restore of an older state.
            try await fixture.redis("DEL", fixture.keys.offset(products))
            let names = FoundNames(keys: [fixture.keys.consumers(of: "products")], of: fixture.keys)
            let record = ScanRecord(began: before.now, cost: .seconds(1), pages: 20, servers: before.servers)
            _ = try await index.merge(names, record, into: before)
            let reply = try await fixture.client.replies(to: [fixture.client.registeredConsumers(of: "products")])[0]
            #expect(try StreamClient.registeredConsumers(in: reply) == [ExactText("indexer")])
        }
    }
}
