import GRDB
import Logging
import Redstream
import RedstreamConnection
import RedstreamGRDB
import TestSupport
import Testing

/// The samples that a newcomer tries first, run against a real server.
@Suite struct RunningSampleTests {
    private let logger = Logger(label: "samples", factory: { _ in SwiftLogNoOpLogHandler() })

    @Test func theProgramOfGettingStartedBringsTheIndexUpToDate() async throws {
        try await withNamespace { fixture in
            let (database, index) = (ShopDatabase(), SearchIndex())
            let running = Task {
                try await gettingStarted(
                    url: fixture.server.url, namespace: fixture.namespace, logger: logger, database: database,
                    index: index)
            }
            try await eventually("the index followed") { index.ids.values == [1] }
            let indexer = ConsumerName(stream: "products", name: "indexer")
            try await eventually("it is committed") { try await fixture.client.offset(of: indexer) > .zero }
            running.cancel()
            _ = await running.result
            #expect(database.saved.values == [1])
            #expect(try await fixture.length(fixture.keys.delayStream("products")) == 1)
        }
    }

    @Test func theReadmesProgramBringsTheIndexUpToDate() async throws {
        try await withNamespace { fixture in
            let (database, index) = (ShopDatabase(), SearchIndex())
            let sample = Readme(
                url: fixture.server.url, namespace: fixture.namespace, logger: logger, database: database, index: index)
            let running = Task { try await sample.library() }
            try await eventually("the index followed") { index.payloads.values == [#"{"id":1}"#] }
            running.cancel()
            _ = await running.result
            #expect(database.saved.values == [1])
            #expect(try await fixture.length(fixture.keys.delayStream("products")) == 1)
        }
    }

    @Test func theReadmesRecordsAnnounceTheirChanges() async throws {
        try await withNamespace { fixture in
            let database = try DatabaseQueue()
            try await database.write { db in
                try db.execute(sql: "CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT, price INTEGER)")
            }
            try await readmeRecords(client: fixture.client, database: database)
            for key in [fixture.keys.delayStream("products"), fixture.keys.stream("products")] {
                let payloads = try await fixture.entries(key).map { $0.fields[1] }
                #expect(payloads == [#"{"id":1}"#, #"{"id":1}"#])
            }
            #expect(try await database.read { try Int.fetchOne($0, sql: "SELECT price FROM product") } == 1000)
        }
    }

    @Test func anUnreadableMessageIsPassedOverAndTheOthersAreHandled() async throws {
        try await withNamespace { fixture in
            for payload in [#"{"id":1}"#, "no JSON", #"{"id":2}"#] {
                try await fixture.add(payload, to: fixture.keys.stream("products"))
            }
            let index = SearchIndex()
            let samples = Delivery(client: fixture.client, logger: logger, database: ShopDatabase(), index: index)
            #expect(try await samples.passOverWhatCannotBeRead().runOnce() == .handled(3))
            #expect(Set(index.ids.values) == [1, 2])
        }
    }

    @Test func anOffsetIsMovedToTheStartAndToATime() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1001...1005, to: fixture.keys.stream("products"))
            let index = SearchIndex()
            let samples = Operating(client: fixture.client, logger: logger, index: index)
            try await samples.tryOnce(samples.heedTheLease())
            #expect(index.payloads.count == 5)
            let indexer = ConsumerName(stream: "products", name: "indexer")
            try await samples.readAgain()
            #expect(try await fixture.client.offset(of: indexer) == .zero)
            try await samples.readAgainSince(1004)
            try await samples.tryOnce(samples.heedTheLease())
            #expect(index.payloads.values.suffix(2) == ["1004", "1005"])
            #expect(index.payloads.count == 7)
        }
    }

    @Test func aRebuildEndsWithTheLastEntryThereWas() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1001...1003, to: fixture.keys.stream("products"))
            let index = SearchIndex()
            try await Operating(client: fixture.client, logger: logger, index: index).endAtTheEnd()
            #expect(index.payloads.values == ["1001", "1002", "1003"])
        }
    }

    @Test func recordsOfGRDBAnnounceWhatLasts() async throws {
        try await withNamespace { fixture in
            let database = try DatabaseQueue()
            try await database.write { db in
                try db.create(table: "product") { table in
                    table.autoIncrementedPrimaryKey("id")
                    table.column("name", .text).notNull()
                }
            }
            // The default deadline may be short for a machine that is busy with other tests.
            try RecordStreamer(RecordProducer(Producer(fixture.client)), settings: .init(deadline: .seconds(20)))
                .install(in: database)
            let samples = StreamingRecords(client: fixture.client, dbQueue: database, logger: logger)
            try samples.roll()
            try samples.importWithoutMessages([StreamingRecords.Product(name: "lamp")])
            try samples.touch(StreamingRecords.Product(id: 2, name: "lamp"))
            let stream = StreamingRecords.Product.streamName
            for key in [fixture.keys.stream(stream), fixture.keys.delayStream(stream)] {
                #expect(try await fixture.entries(key).map { $0.fields[1] } == [#"{"id":1}"#, #"{"id":2}"#])
            }
        }
    }

    @Test func whatWasCommittedWithoutRedisCanBeAnnouncedLater() async throws {
        try await withNamespace { fixture in
            let database = try DatabaseQueue()
            try await database.write { db in try db.execute(sql: "CREATE TABLE price (id INTEGER PRIMARY KEY, cents)") }
            let reported = Recorder<UnannouncedChanges.Change>()
            let away = fixture.makeClient { $0.address = .unix(path: "/nonexistent/redis.sock") }
            try StreamingRecords(client: away, dbQueue: database, logger: logger)
                .stayWritable { reported.note(contentsOf: $0) }.install(in: database)
            try await database.write { db in try StreamingRecords.Price(id: 7, cents: 5).insert(db) }
            #expect(reported.count == 1)
            let samples = StreamingRecords(client: fixture.client, dbQueue: database, logger: logger)
            try await samples.announceLater(reported.values)
            let stream = fixture.keys.stream(StreamingRecords.Price.streamName)
            #expect(try await fixture.entries(stream).map { $0.fields[1] } == [#"{"id":7}"#])
        }
    }

    @Test func valuesInCommentsAreTrue() {
        #expect(StreamNaming.streamName(of: OrderLine.self) == "order_lines")
        let shards = Sharding(count: 16)
        #expect(shards.stream("products", id: "42") == "products-15")
        #expect(shards.streams(of: "products").first == "products-0")
        #expect(Sharded.LegacyItem.streamName == "warehouse/items")
    }
}
