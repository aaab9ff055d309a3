import Logging
import Redstream
import ServiceLifecycle
import UnixSignals

/// The samples of the articles on shards and on the gem.
struct Sharded {
    let client: StreamClient
    let logger: Logger
    let database: ShopDatabase
    let index: SearchIndex

    struct Product: Streamable, Identifiable {
        static let sharding = Sharding(count: 16)
        static var streamName: String { "products" }

        var id: Int64
        var streamName: String { Self.sharding.stream(Self.streamName, id: String(id)) }
    }

    func serve() async throws {
        let indexer = ShardedConsumer(
            client, stream: "products", sharding: Product.sharding, name: "indexer", maximumActive: 8
        ) { batch in
            try await index.update(batch.messages)
        }
        let delayer = ShardedDelayer(
            client, stream: "products", sharding: Product.sharding, delay: .seconds(300))
        let trimmer = Trimmer(
            client, streams: .named(Product.sharding.streams(of: "products")),
            policy: TrimPolicy(consumers: .named(["indexer"])))
        try await ServiceGroup(
            services: [indexer, delayer, trimmer], gracefulShutdownSignals: [.sigterm], logger: logger
        ).run()
    }

    func consume() async throws {
        let indexer = ShardedConsumer(
            client, stream: "products", sharding: Sharding(count: 16), name: "indexer", maximumActive: 8
        ) { batch in
            try await index.update(batch.messages)
        }
        try await indexer.run()
    }

    func look() async throws {
        let reader = ShardedReader(
            client, stream: "products", sharding: Product.sharding, limits: ReadLimits(count: 10)
        ) { stream, messages in
            logger.info("\(messages.count) messages of \(stream)")
        }
        try await reader.run()
    }

    func addUp() async throws {
        let options = Inspector.Options(stream: "products", sharding: Product.sharding)
        for consumer in try await Inspector(client, options: options).report().rollup?.consumers ?? [] {
            logger.info("\(consumer.name) is behind by \(consumer.lag.value) messages on \(consumer.known) shards")
        }
    }

    struct LegacyItem: Streamable, Identifiable {
        static var streamName: String { "warehouse/items" }
        var id: Int64
    }
}
