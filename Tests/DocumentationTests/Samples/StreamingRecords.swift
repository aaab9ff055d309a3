import GRDB
import Logging
import Redstream
import RedstreamGRDB

/// The samples of RedstreamGRDB's article and of its doc comments.
struct StreamingRecords {
    let client: StreamClient
    let dbQueue: DatabaseQueue
    let logger: Logger

    struct Product: Codable, Identifiable, FetchableRecord, MutablePersistableRecord, StreamingRecord {
        var id: Int64?
        var name: String
        mutating func didInsert(_ inserted: InsertionSuccess) { id = inserted.rowID }
    }

    func install() throws {
        var product = Product(name: "chair")
        let streamer = RecordStreamer(RecordProducer(Producer(client)))
        try streamer.install(in: dbQueue)
        try dbQueue.write { db in try product.save(db) }
    }

    func watch() throws {
        let streamer = RecordStreamer(
            RecordProducer(Producer(client)), settings: .init(bypass: .failTransaction), logger: logger)
        try streamer.install(in: dbQueue, watching: Product.self, Shelf.self)
    }

    func roll() throws {
        try dbQueue.write { db in
            var chair = Product(name: "chair")
            try chair.insert(db)
            try db.inSavepoint {
                var table = Product(name: "table")
                try table.insert(db)
                return .rollback
            }
        }
    }

    func touch(_ product: Product) throws {
        try dbQueue.write { db in try product.touch(db) }
    }

    func importWithoutMessages(_ products: [Product]) throws {
        try dbQueue.write { db in
            try db.withoutStreaming {
                for var product in products { try product.insert(db) }
            }
        }
    }

    func stayWritable(_ outbox: @escaping @Sendable ([UnannouncedChanges.Change]) -> Void) -> RecordStreamer {
        let settings = RecordStreamer.Settings(
            deadline: .milliseconds(500),
            outage: .commitAndReport { unannounced in
                outbox(unannounced.changes)
            })
        let streamer = RecordStreamer(RecordProducer(Producer(client)), settings: settings, logger: logger)
        return streamer
    }

    func saveInTheSameDatabase() -> RecordStreamer.Settings {
        let settings = RecordStreamer.Settings(
            outage: .commitAndSave { unannounced, db in
                for change in unannounced.changes {
                    try db.execute(
                        sql: "INSERT INTO outbox (stream, payload) VALUES (?, ?)",
                        arguments: [change.stream, String(decoding: change.payload.bytes, as: UTF8.self)])
                }
            })
        return settings
    }

    func announceLater(_ changes: [UnannouncedChanges.Change]) async throws {
        let producer = Producer(client)
        for change in changes {
            try await producer.queue([change.payload.message], on: change.stream)
        }
    }

    struct Shelf: Codable, FetchableRecord, PersistableRecord, StreamingRecord {
        var room: String
        var number: Int

        static var streamName: String { "shelves" }
        var streamPayload: Payload {
            get throws { try Payload(encoding: ["room": room, "number": String(number)]) }
        }
    }

    struct Price: Codable, Identifiable, FetchableRecord, PersistableRecord, StreamingRecord {
        var id: Int64
        var cents: Int

        func aroundUpdate(_ db: Database, columns: Set<String>, update: () throws -> PersistenceSuccess) throws {
            try announcing(db) {
                _ = try update()
                return self
            }
        }
    }
}

/// The sample of a bulk change, whose records have columns by name.
enum BulkRecords {
    struct Product: Codable, Identifiable, FetchableRecord, MutablePersistableRecord, StreamingRecord {
        var id: Int64?
        var price: Int
        var stock: Int

        enum Columns {
            static let price = Column(CodingKeys.price)
            static let stock = Column(CodingKeys.stock)
        }
    }

    static func reprice(_ streamer: RecordStreamer, _ dbQueue: DatabaseQueue) async throws {
        try await streamer.bulk(Product.filter { $0.stock == 0 }, in: dbQueue) { db, products in
            try products.updateAll(db) { $0.price.set(to: 0) }
        }
    }
}
