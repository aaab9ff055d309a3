import Logging
import Redstream
import ServiceLifecycle
import UnixSignals

/// The samples of the article, in its order: one program.
///
/// It is a function of its own, since the name of a type inside of another would name its stream too.
func gettingStarted(
    url: String, namespace: String, logger: Logger, database: ShopDatabase, index: SearchIndex
) async throws {
    let client = StreamClient(try RedisConfiguration(url: url), namespace: namespace, logger: logger)

    struct Product: Streamable, Identifiable {
        var id: Int64
        var price: Int
    }

    let product = Product(id: 1, price: 5)
    let records = RecordProducer(Producer(client))
    try await records.bulk([product]) {
        try await database.save(product)
    }

    struct Change: Decodable {
        var id: Int64
    }

    let indexer = Consumer(client, stream: Product.streamName, name: "indexer") { batch in
        let ids = Set(try batch.messages.map { try $0.decode(Change.self).id })
        try await index.put(database.items(ids))
    }

    let delayer = Delayer(client, stream: Product.streamName, delay: .seconds(300))
    let trimmer = Trimmer(
        client, streams: .named([Product.streamName]), policy: TrimPolicy(consumers: .named(["indexer"])))

    try await ServiceGroup(
        services: [indexer, delayer, trimmer], gracefulShutdownSignals: [.sigterm], logger: logger
    ).run()
}
