import Redstream

/// The samples of doc comments, apart from those that an article shows too.
struct Reference {
    let client: StreamClient
    let database: ShopDatabase
    let index: SearchIndex

    func client() async throws {
        let client = StreamClient(RedisConfiguration(), namespace: "shop")
        try await Producer(client).queue([OutgoingMessage(payload: #"{"id":1}"#.utf8)], on: "products")
    }

    func password(from vault: any Vault) -> RedisConfiguration {
        var configuration = RedisConfiguration()
        configuration.passwordSource = PasswordSource("the vault") { Secret(try vault.password(of: "redis")) }
        return configuration
    }

    func bulk(_ product: Item, _ message: OutgoingMessage) async throws {
        let producer = Producer(client)
        try await producer.bulk([message], on: "products") { try await database.save(product) }
    }

    func consume() async throws {
        let consumer = Consumer(client, stream: "products", name: "indexer") { batch in
            try await index.update(batch.messages)
        }
        try await consumer.run()
    }

    func giveUp() -> Consumer.Options {
        let options = Consumer.Options(failurePolicy: FailurePolicy(maxAttempts: 5, lastResort: .deadLetter))
        return options
    }

    func look() async throws {
        let reader = StreamReader(client, stream: "products", limits: .init(count: 10)) { messages in
            for message in messages { print(message.id) }
        }
        try await reader.run()
    }

    func inspect() async throws {
        let report = try await Inspector(client).report()
        for row in report.consumers where row.verdict == .stopped { print(row.consumer.name) }
    }

    func check(_ line: [UInt8], _ producer: Producer) async throws {
        try JSONText.check(line)
        try await producer.queue([OutgoingMessage(payload: line)], on: "products")
    }

    func decode(_ batch: Batch) throws -> [Int64] {
        struct Change: Decodable { var id: Int64 }
        let ids = try batch.messages.map { try $0.decode(Change.self).id }
        return ids
    }

    func nameStreams() -> String {
        let stream = StreamNaming.streamName(of: OrderLine.self)  // "order_lines"
        return stream
    }

    func payload(_ order: Order) throws -> Payload {
        let payload = try Payload(encoding: ["id": order.id, "customer_id": order.customerID])
        return payload
    }

    func produceRecords(_ products: [any Streamable], _ ordersClient: StreamClient) async throws {
        let records = RecordProducer(Producer(client))
            .using(Producer(ordersClient, waitingFor: .init(replicas: 1)), for: Order.self)
        try await records.bulk(products) { try await database.reprice(products) }
    }

    func shard() -> (String, [String]) {
        let shards = Sharding(count: 16)
        let stream = shards.stream("products", id: "42")  // "products-15"
        let streams = shards.streams(of: "products")  // "products-0" … "products-15"
        return (stream, streams)
    }
}

struct Order: Streamable, Identifiable {
    var id: Int64
    var customerID: Int64
}

struct OrderLine: Streamable, Identifiable {  // streams to "order_lines"
    var id: Int64
}

extension OrderLine {
    var streamName: String { Sharding(count: 4).stream(Self.streamName, id: String(id)) }
}

/// A place of passwords that the reader of a sample has.
protocol Vault: Sendable {
    func password(of name: String) throws -> String
}
