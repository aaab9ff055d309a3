import GRDB
import InMemoryLogging
import Logging
import Redstream
import RedstreamGRDB
import TestSupport
import Testing

/// A record that others belong to.
private struct Kind: Codable, FetchableRecord, PersistableRecord {
    static let products = hasMany(Product.self, using: ForeignKey(["kind"]))
    var id: Int64
}

/// Changes of streaming records by statements that cannot announce them.
@Suite(.timeLimit(.minutes(3))) struct BypassTests {
    /// A statement that changes products, and announces nothing.
    enum Bypass: CaseIterable, Sendable {
        case update, delete, deleteAll, insertFromSelect, table, cursor, trigger, cascade, anotherCase

        func run(in db: Database) throws {
            switch self {
            case .update: try db.execute(sql: "UPDATE product SET stock = 1 WHERE id = 1")
            case .delete: try db.execute(sql: "DELETE FROM product WHERE id = 1")
            case .deleteAll: try db.execute(sql: "DELETE FROM product")
            case .insertFromSelect: try db.execute(sql: "INSERT INTO product (name) SELECT name FROM product")
            case .table: try Table("product").deleteAll(db)
            case .cursor: while try Product.filter(key: 1).deleteAndFetchCursor(db).next() != nil {}
            case .trigger: try db.execute(sql: "INSERT INTO news DEFAULT VALUES")
            case .cascade: try db.execute(sql: "DELETE FROM kind WHERE id = 1")
            case .anotherCase: try db.execute(sql: "UPDATE PRODUCT SET stock = 1 WHERE id = 1")
            }
        }
    }

    private func withShop(
        _ policy: BypassPolicy, logger: Logger? = nil, _ body: (Shop) async throws -> Void
    ) async throws {
        try await withNamespace { fixture in
            let settings = RecordStreamer.Settings(deadline: .seconds(20), bypass: policy)
            let shop = try Shop(fixture, settings: settings, logger: logger)
            try await shop.database.write { db in
                try db.execute(
                    sql: """
                        CREATE TABLE kind (id INTEGER PRIMARY KEY);
                        INSERT INTO kind VALUES (1);
                        CREATE TABLE news (id INTEGER PRIMARY KEY);
                        ALTER TABLE product ADD COLUMN kind INTEGER REFERENCES kind ON DELETE CASCADE;
                        CREATE TRIGGER newsly AFTER INSERT ON news BEGIN UPDATE product SET stock = stock + 1; END;
                        INSERT INTO product (id, name, kind) VALUES (1, 'a', 1), (2, 'a', NULL);
                        """)
                // From here on it is known that products stream their changes.
                try Product(id: 2).touch(db)
            }
            try await body(shop)
        }
    }

    @Test(arguments: Bypass.allCases)
    func aTransactionThatAnnouncesNothingCanBeRefused(bypass: Bypass) async throws {
        try await withShop(.failTransaction) { shop in
            let before = try await shop.database.read { db in try Product.fetchAll(db) }
            let error = await #expect(throws: StreamingError.self) {
                try await shop.database.write { db in try bypass.run(in: db) }
            }
            #expect(error == .bypassed(tables: ["product"]))
            #expect("\(error as Any)".contains("call RecordStreamer.bulk"))
            #expect(try await shop.database.read { db in try Product.fetchAll(db) } == before)
            #expect(try await shop.messages() == .both(2))
        }
    }

    @Test func byDefaultItIsSaidOnceForEachTable() async throws {
        let logs = InMemoryLogHandler()
        try await withShop(.report, logger: Logger(label: "shop") { _ in logs }) { shop in
            for _ in 0..<2 { try await shop.database.write { db in try Bypass.update.run(in: db) } }
            #expect(logs.entries.map(\.level) == [.warning])
            #expect(logs.entries.first.map { "\($0.message)".hasPrefix("rows of product were changed") } == true)
            #expect(try await shop.messages() == .both(2))
        }
    }

    @Test func whatIsAnnouncedOrMeantIsNotRefused() async throws {
        try await withShop(.failTransaction) { shop in
            try await shop.database.write { db in
                try db.withoutStreaming {
                    _ = try Product.filter(key: 1).updateAll(db, Product.Columns.stock.set(to: 1))
                }
                try db.execute(sql: "CREATE UNIQUE INDEX stocks ON product (stock, name)")
                var product = Product(id: 7, name: "new", stock: 7)
                try product.insert(db)
                try product.update(db)
                product.id = 8
                try product.upsert(db)
                try Product(id: 7).touch(db, Product.Columns.stock.set(to: 8))
                try Product.filter(key: 7).updateAll(db, Product.Columns.stock.set(to: 9))
                try Product(id: 7).delete(db)
                try db.withoutStreaming { try db.execute(sql: "UPDATE product SET stock = id + 100") }
                try db.inSavepoint {
                    try db.execute(sql: "DELETE FROM product")
                    return .rollback
                }
            }
            try await shop.streamer.bulk(Product.all(), in: shop.database) { try $1.deleteAll($0) }
            #expect(try await shop.messages().immediate.count == 4)
        }
    }

    @Test func aRequestByAssociationAnnouncesEach() async throws {
        try await withShop(.failTransaction) { shop in
            let count = try await shop.database.write { db in
                try Kind(id: 1).request(for: Kind.products).deleteAll(db)
            }
            #expect(count == 1)
            #expect(try await shop.messages() == .both(2, 1))
        }
    }

    @Test func aSavepointDoesNotHideAChange() async throws {
        try await withShop(.failTransaction) { shop in
            await #expect(throws: StreamingError.bypassed(tables: ["product"])) {
                try await shop.database.write { db in
                    try db.inSavepoint {
                        try Product(id: 2).touch(db)
                        try db.execute(sql: "DELETE FROM product WHERE id = 1")
                        return .commit
                    }
                }
            }
            try await shop.database.write { db in try Product(id: 2, name: "b").update(db) }
        }
    }

    @Test func aTableIsWatchedFromTheBeginningOnDemand() async throws {
        try await withNamespace { fixture in
            for isWatched in [false, true] {
                let database = try DatabaseQueue()
                try await database.write { db in
                    try db.execute(sql: "CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT, stock INTEGER)")
                }
                let streamer = RecordStreamer(
                    RecordProducer(Producer(fixture.client)), settings: .init(bypass: .failTransaction))
                if isWatched {
                    try streamer.install(in: database, watching: Product.self)
                } else {
                    try streamer.install(in: database)
                }
                let write = { try await database.write { try $0.execute(sql: "INSERT INTO product (id) VALUES (1)") } }
                if isWatched {
                    await #expect(throws: StreamingError.bypassed(tables: ["product"])) { try await write() }
                } else {
                    try await write()
                }
            }
        }
    }
}
