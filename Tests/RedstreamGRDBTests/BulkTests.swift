import Foundation
import GRDB
import Redstream
import RedstreamGRDB
import TestSupport
import Testing

private struct Refused: Error {}

/// `updateAll` and `deleteAll` with messages.
@Suite(.timeLimit(.minutes(4))) struct BulkTests {
    private func stocked(_ fixture: Fixture, _ count: Int, path: String? = nil) async throws -> Shop {
        let shop = try Shop(fixture, path: path)
        try await shop.database.write { db in
            try db.execute(
                sql: """
                    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
                    INSERT INTO product (id, name, stock) SELECT i, 'a', i % 2 FROM n
                    """, arguments: [count])
        }
        return shop
    }

    @Test func anUpdateAnnouncesWhatItsRequestFoundBefore() async throws {
        try await withNamespace { fixture in
            let shop = try await stocked(fixture, 10)
            let updated = try await shop.streamer.bulk(Product.filter(Product.Columns.stock == 0), in: shop.database) {
                // Afterwards nothing matches the request any more.
                try $1.updateAll($0, Product.Columns.stock.set(to: 9))
            }
            #expect(updated == 5)
            #expect(try await shop.messages() == .both(2, 4, 6, 8, 10))
        }
    }

    @Test func everyDelayMessagePrecedesTheChangeAndNoImmediateOneDoes() async throws {
        try await withNamespace { fixture in
            let shop = try await stocked(fixture, 2500)
            let witness = BlockingCount(fixture)
            try await shop.streamer.bulk(Product.all(), in: shop.database) { db, products in
                #expect(try witness.lengths() == [2500, 0])
                try products.updateAll(db, Product.Columns.stock.set(to: 9))
            }
            let messages = try await shop.messages()
            #expect(messages.delayed == (1...2500).map { #"{"id":\#($0)}"# })
            #expect(messages.immediate == messages.delayed)
        }
    }

    @Test func aDeleteAnnouncesWhatIsGone() async throws {
        try await withNamespace { fixture in
            let shop = try await stocked(fixture, 3)
            let deleted = try await shop.streamer.bulk(Product.all(), in: shop.database) { try $1.deleteAll($0) }
            #expect(deleted == 3)
            #expect(try await shop.messages() == .both(1, 2, 3))
            #expect(try await shop.database.read { db in try Product.fetchCount(db) } == 0)
        }
    }

    @Test func aChangeThatFailsLeavesTheDelayMessagesOnly() async throws {
        try await withNamespace { fixture in
            let shop = try await stocked(fixture, 2)
            await #expect(throws: Refused.self) {
                try await shop.streamer.bulk(Product.all(), in: shop.database) { db, products in
                    try products.deleteAll(db)
                    throw Refused()
                }
            }
            let messages = try await shop.messages()
            #expect(messages == Messages(delayed: Messages.both(1, 2).delayed))
            #expect(try await shop.database.read { db in try Product.fetchCount(db) } == 2)
            #expect(try await temporaryTables(of: shop) == ["redstream_marks"])
        }
    }

    @Test func aRecordThatComesToMatchMeanwhileIsNotChangedUnannounced() async throws {
        try await withNamespace { fixture in
            let shop = try await stocked(fixture, 3)
            let request = Product.filter(Product.Columns.name == "a")
            try await shop.streamer.bulk(request, in: shop.database) { db, products in
                try db.execute(sql: "INSERT INTO product (id, name) VALUES (4, 'a')")
                try db.execute(sql: "UPDATE product SET name = 'b' WHERE id = 1")
                let changed = try products.updateAll(db, Product.Columns.stock.set(to: 9))
                #expect(changed == 2)
            }
            #expect(try await shop.messages() == .both(1, 2, 3))
        }
    }

    @Test func aRequestMayHaveALimitAndAKeyOfSeveralColumns() async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            try await shop.database.write { db in
                try db.withoutStreaming {
                    for line in ["a", "b", "c"] { try OrderLine(order: 2, line: line).insert(db) }
                }
            }
            try await shop.streamer.bulk(OrderLine.order(Column("line")).limit(1, offset: 1), in: shop.database) {
                let deleted = try $1.deleteAll($0)
                #expect(deleted == 1)
            }
            #expect(try await shop.messages("order_lines-0").immediate == [#"["2","b"]"#])
        }
    }

    @Test func nothingToChangeIsNothingToSay() async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            #expect(try await shop.streamer.bulk(Product.all(), in: shop.database) { try $1.deleteAll($0) } == 0)
            #expect(try await shop.messages() == .none)
        }
    }

    @Test func aMillionRowsNeedNoMoreMemoryThanAHundredThousand() async throws {
        try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                let directory = try TemporaryDirectory()
                let shop = try await stocked(fixture, 1_000_000, path: "\(directory.path)/shop.sqlite")
                func update(_ request: @autoclosure @Sendable () -> QueryInterfaceRequest<Product>) async throws -> Int
                {
                    try await shop.streamer.bulk(request(), in: shop.database) {
                        try $1.updateAll($0, Product.Columns.name.set(to: "b"))
                    }
                }
                #expect(try await update(Product.filter(Column("id") <= 100_000)) == 100_000)
                let before = try residentBytes()
                #expect(try await update(Product.all()) == 1_000_000)
                let grown = try residentBytes() - before
                #expect(grown < 48 << 20, "grew by \(grown >> 20) MiB")
                let key = fixture.keys.stream("products")
                #expect(try await fixture.length(key) == 1_100_000)
                #expect(try await fixture.length(fixture.keys.delayStream("products")) == 1_100_000)
                return ()
            }
        }
    }

    /// The memory that this process has in use now.
    private func residentBytes() throws -> Int {
        let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return (Int(pages[1]) ?? 0) * 4096
    }

    private func temporaryTables(of shop: Shop) async throws -> [String] {
        try await shop.database.writeWithoutTransaction { db in
            try String.fetchAll(db, sql: "SELECT name FROM temp.sqlite_master WHERE type = 'table'")
        }
    }
}
