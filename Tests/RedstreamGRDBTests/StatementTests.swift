import GRDB
import Redstream
import RedstreamGRDB
import TestSupport
import Testing

private struct Refused: Error {}

/// A record that cannot be read.
private struct Ticket: Codable, Identifiable, MutablePersistableRecord, StreamingRecord {
    static let databaseTableName = "product"
    var id: Int64?
    var name = "a"
}

/// Statements that change records without their callbacks: they announce each record, or refuse.
@Suite(.timeLimit(.minutes(3))) struct StatementTests {
    private typealias Columns = Product.Columns

    private func withShop(of count: Int = 4, _ body: (Shop) async throws -> Void) async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            for _ in 0..<count { try shop.stock(Product()) }
            try await body(shop)
        }
    }

    @Test func deletingByKeyAnnouncesEach() async throws {
        try await withShop(of: 12) { shop in
            let counts = try await shop.database.write { db in
                let ones = [
                    try Product.deleteOne(db, key: 1), try Product.deleteOne(db, id: 2),
                    try Product.deleteOne(db, key: ["id": 3]), try Product.deleteOne(db, key: 99),
                    try Product.deleteOne(db, key: Int64?.none),
                ]
                #expect(ones == [true, true, true, false, false])
                return [
                    try Product.deleteAll(db, keys: [4, 5, 98]), try Product.deleteAll(db, ids: [6, 7]),
                    try Product.deleteAll(db, keys: [["id": 8], ["id": 9]]), try Product.deleteAll(db, keys: [Int]()),
                ]
            }
            #expect(counts == [2, 2, 2, 0])
            #expect(try await shop.messages() == .both(1, 2, 3, 4, 5, 6, 7, 8, 9))
        }
    }

    @Test func deletingAllAnnouncesEach() async throws {
        try await withShop { shop in
            let count = try await shop.database.write { db in try Product.deleteAll(db) }
            #expect(count == 4)
            #expect(try await shop.messages() == .both(1, 2, 3, 4))
        }
    }

    @Test func aRequestAnnouncesWhatItDeletes() async throws {
        try await withShop(of: 9) { shop in
            try await shop.database.write { db in
                let deleted = [
                    try Product.filter([1, 2].contains(Column("id"))).deleteAll(db),
                    try Product.filter(key: 3).deleteAndFetchAll(db).count,
                    try Product.filter(key: 4).deleteAndFetchIds(db).count,
                    try Product.order(Column("id").desc).limit(2).deleteAll(db),
                ]
                #expect(deleted == [2, 1, 1, 2])
            }
            #expect(try await Set(shop.messages().delayed) == Set([1, 2, 3, 4, 8, 9].map { #"{"id":\#($0)}"# }))
            #expect(try await Set(shop.messages().immediate) == Set(shop.messages().delayed))
        }
    }

    @Test func anUpdateAnnouncesWhatItChanges() async throws {
        try await withShop(of: 6) { shop in
            try await shop.database.write { db in
                try Product.filter(key: 1).updateAll(db, Columns.stock.set(to: 1))
                try Product.filter(key: 2).updateAll(db, [Columns.stock.set(to: 1)])
                try Product.filter(key: 3).updateAll(db) { $0.stock.set(to: 1) }
                try Product.filter(key: 4).updateAll(db) { [$0.stock.set(to: 1), $0.name.set(to: "b")] }
                let fetched = try Product.filter(key: 5).updateAndFetchAll(db, [Columns.stock.set(to: 1)])
                #expect(fetched.map(\.stock) == [1])
            }
            #expect(try await shop.messages() == .both(1, 2, 3, 4, 5))
        }
    }

    @Test func anUpdateOfTheTypeAnnouncesTheRowsThatBecameOthers() async throws {
        try await withShop { shop in
            try await shop.database.write { db in
                try db.withoutStreaming { _ = try Product.filter(key: 2).updateAll(db, Columns.stock.set(to: 1)) }
                let count = try Product.updateAll(db, Columns.stock.set(to: 1))
                #expect(count == 4)
            }
            #expect(try await shop.messages() == .both(1, 3, 4))
            try await shop.database.write { db in
                try Product.updateAll(db, [Columns.stock.set(to: 1)])
                try Product.updateAll(db) { $0.stock.set(to: 1) }
                try Product.updateAll(db) { [$0.stock.set(to: 1)] }
            }
            #expect(try await shop.messages() == .both(1, 3, 4))
        }
    }

    @Test func aRecordIsAnnouncedWithItsStreamAndKeyOfSeveralColumns() async throws {
        try await withShop(of: 0) { shop in
            try await shop.database.write { db in
                try db.withoutStreaming {
                    for number in 1...2 { try OrderLine(order: number, line: "a").insert(db) }
                }
                let isDeleted = try OrderLine.deleteOne(db, key: ["order": 1, "line": "a"])
                #expect(isDeleted)
                try OrderLine.filter(Column("order") == 2).deleteAll(db)
            }
            #expect(try await shop.messages("order_lines-1").immediate == [#"["1","a"]"#])
            #expect(try await shop.messages("order_lines-0").immediate == [#"["2","a"]"#])
        }
    }

    @Test func whatIsRolledBackOrMutedIsNotAnnounced() async throws {
        try await withShop { shop in
            await #expect(throws: Refused.self) {
                try await shop.database.write { db in
                    try Product.deleteAll(db)
                    throw Refused()
                }
            }
            try await shop.database.write { db in
                try db.inSavepoint {
                    try Product.deleteOne(db, key: 1)
                    return .rollback
                }
                try db.withoutStreaming { _ = try Product.deleteOne(db, key: 2) }
            }
            #expect(try await shop.messages() == .none)
        }
    }

    @Test func aStatementWithoutATransactionGetsOne() async throws {
        try await withShop { shop in
            try await shop.database.writeWithoutTransaction { db in
                try Product.deleteOne(db, key: 1)
                #expect(!db.isInsideTransaction)
            }
            #expect(try await shop.messages() == .both(1))
        }
    }

    @Test func recordsThatCannotBeReadAreNotChanged() async throws {
        try await withShop { shop in
            await #expect(throws: StreamingError.unreadableRows(table: "product")) {
                try await shop.database.write { db in _ = try Ticket.deleteOne(db, key: 1) }
            }
            #expect("\(StreamingError.unreadableRows(table: "product"))".contains("call withoutStreaming"))
            let count = try await shop.database.read { db in try Product.fetchCount(db) }
            #expect(count == 4)
        }
    }

    @Test func anUpdateOfKeysIsRefused() async throws {
        try await withShop { shop in
            await #expect(throws: StreamingError.changedKeys(table: "product")) {
                try await shop.database.write { db in
                    _ = try Product.updateAll(db, Column("id").set(to: Column("id") + 100))
                }
            }
            let messages = try await shop.messages()
            #expect(messages == .none)
        }
    }

    @Test func aDatabaseWithoutAStreamerRefusesStatements() throws {
        let database = try DatabaseQueue()
        try database.write { db in
            try db.execute(sql: "CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT, stock INTEGER)")
            let refusal = StreamingError.notInstalled(table: "product")
            #expect(throws: refusal) { try Product.deleteOne(db, key: 1) }
            #expect(throws: refusal) { try Product.all().updateAll(db, Columns.stock.set(to: 1)) }
            let count = try db.withoutStreaming { try Product.deleteAll(db) }
            #expect(count == 0)
        }
    }
}
