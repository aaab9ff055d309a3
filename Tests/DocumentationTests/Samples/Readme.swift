import GRDB
import Logging
import Redstream
import RedstreamGRDB
import ServiceLifecycle
import UnixSignals

/// The samples of the README.
struct Readme {
    let url: String
    let namespace: String
    let logger: Logger
    let database: ShopDatabase
    let index: SearchIndex

    func library() async throws {
        let product = Item()
        let client = StreamClient(try RedisConfiguration(url: url), namespace: namespace)

        let changed = [OutgoingMessage(payload: #"{"id":1}"#.utf8)]
        try await Producer(client).bulk(changed, on: "products") {
            try await database.save(product)
        }

        let indexer = Consumer(client, stream: "products", name: "indexer") { batch in
            try await index.update(batch.messages.compactMap(\.payload))
        }
        let delayer = Delayer(client, stream: "products", delay: .seconds(300))
        try await ServiceGroup(
            services: [indexer, delayer], gracefulShutdownSignals: [.sigterm], logger: logger
        ).run()
    }

    func pooling() async throws -> String? {
        let pool = RedisPool(try RedisConfiguration(url: url), settings: .init(size: 16, waitTimeout: .seconds(2)))
        let shop = StreamClient(pool: pool, namespace: "shop")
        let blog = StreamClient(pool: pool, namespace: "blog")
        let clients = try await pool.withConnection(for: nil) { try await $0.call("CLIENT", "LIST").string }
        defer { pool.close() }
        precondition(shop.keys != blog.keys)
        return clients
    }
}

/// The README's sample of records; a function of its own, as ``gettingStarted(url:namespace:logger:database:index:)`` is.
func readmeRecords(client: StreamClient, database: DatabaseQueue) async throws {
    struct Product: Codable, Identifiable, FetchableRecord, MutablePersistableRecord, StreamingRecord {
        var id: Int64?
        var name: String
        var price: Int
        mutating func didInsert(_ inserted: InsertionSuccess) { id = inserted.rowID }
    }

    let streamer = RecordStreamer(RecordProducer(Producer(client)))
    try streamer.install(in: database)

    try await database.write { db in
        var product = Product(name: "teapot", price: 900)
        try product.insert(db)
    }
    try await streamer.bulk(Product.filter(Column("price") < 1000), in: database) { db, products in
        try products.updateAll(db, Column("price").set(to: 1000))
    }
}
