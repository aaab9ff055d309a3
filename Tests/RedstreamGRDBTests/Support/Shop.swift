import Foundation
import GRDB
import Logging
import Redstream
import RedstreamConnection
import RedstreamGRDB
import TestSupport

/// A database with records that stream their changes, and the namespace that they stream to.
struct Shop: Sendable {
    let database: DatabaseQueue
    let streamer: RecordStreamer
    let fixture: Fixture

    init(
        _ fixture: Fixture, producing client: StreamClient? = nil, settings: RecordStreamer.Settings? = nil,
        observedBy observer: (any TransactionObserver)? = nil, logger: Logger? = nil
    ) throws {
        self.fixture = fixture
        database = try DatabaseQueue()
        try database.write { db in
            try db.create(table: "product") { table in
                table.autoIncrementedPrimaryKey("id")
                table.column("name", .text).notNull()
                table.column("stock", .integer).notNull().defaults(to: 0)
            }
            try db.create(table: "orderLine") { table in
                table.column("order", .integer).notNull()
                table.column("line", .text).notNull()
                table.column("product", .integer).references("product", deferred: true)
                table.primaryKey(["order", "line"])
            }
            try db.create(table: "visit") { table in table.autoIncrementedPrimaryKey("id") }
            try db.create(table: "account") { table in table.column("id", .text).primaryKey() }
        }
        if let observer { database.add(transactionObserver: observer, extent: .databaseLifetime) }
        // A busy machine may be slow; what a test wants to be short it says itself.
        streamer = RecordStreamer(
            RecordProducer(Producer(client ?? fixture.client)), settings: settings ?? .init(deadline: .seconds(20)),
            logger: logger ?? Logger(label: "shop") { _ in SwiftLogNoOpLogHandler() })
        try streamer.install(in: database)
    }

    /// The payloads in the stream with that name, and in its delay stream.
    func messages(_ stream: String = "products") async throws -> Messages {
        Messages(
            delayed: try await fixture.entries(fixture.keys.delayStream(stream)).map { $0.fields[1] },
            immediate: try await fixture.entries(fixture.keys.stream(stream)).map { $0.fields[1] })
    }

    /// Inserts products without announcing them.
    func stock(_ products: Product...) throws {
        try database.write { db in
            try db.withoutStreaming { for var product in products { try product.insert(db) } }
        }
    }
}

/// The payloads of delay messages and of immediate messages, in order.
struct Messages: Equatable {
    var delayed: [String] = []
    var immediate: [String] = []

    /// The same products in both streams.
    static func both(_ ids: Int...) -> Messages {
        let payloads = ids.map { #"{"id":\#($0)}"# }
        return Messages(delayed: payloads, immediate: payloads)
    }

    static let none = Messages()
}

struct Product: Codable, Identifiable, Equatable, FetchableRecord, MutablePersistableRecord, StreamingRecord {
    var id: Int64?
    var name = "a"
    var stock = 0

    mutating func didInsert(_ inserted: InsertionSuccess) { id = inserted.rowID }

    enum Columns {
        static let stock = Column("stock")
        static let name = Column("name")
    }
}

/// A record with a key of two columns, a payload and shards of its own.
struct OrderLine: Codable, FetchableRecord, PersistableRecord, StreamingRecord {
    var order: Int
    var line: String
    var product: Int64?

    var streamName: String { "\(Self.streamName)-\(order % 2)" }
    var streamPayload: Payload { get throws { try Payload(encoding: [String(order), line]) } }
}

/// A record that is an object, with a key of its own making.
final class Account: Codable, Identifiable, FetchableRecord, PersistableRecord, StreamingRecord {
    let id: UUID
    private(set) var insertions = 0
    private enum CodingKeys: String, CodingKey { case id }

    init(id: UUID) { self.id = id }

    func didInsert(_ inserted: InsertionSuccess) { insertions += 1 }

    static func databaseUUIDEncodingStrategy(for column: String) -> DatabaseUUIDEncodingStrategy { .lowercaseString }
}

/// A record that is an object, with a key that the database gives it.
final class Visit: Codable, Identifiable, FetchableRecord, PersistableRecord, StreamingRecord {
    private(set) var id: Int64?

    func didInsert(_ inserted: InsertionSuccess) { id = inserted.rowID }
}
