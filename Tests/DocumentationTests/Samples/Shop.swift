import Redstream
import TestSupport

/// A product as the samples' database holds it.
struct Item: Sendable {
    var id: Int64 = 1
    var price = 5
}

/// The primary database of the samples: it knows every product, and notes what was saved.
struct ShopDatabase: Sendable {
    let saved = Recorder<Int64>()

    func save(_ product: some Identifiable<Int64>) async throws { saved.note(product.id) }
    func save(_ item: Item) async throws { saved.note(item.id) }
    func items(_ ids: some Sequence<Int64>) async throws -> [Item] { ids.map { Item(id: $0) } }
    func reprice(_ products: [any Streamable]) async throws {}
}

/// The secondary datastore of the samples: it notes what it was given.
struct SearchIndex: Sendable {
    let payloads = Recorder<String>()
    let ids = Recorder<Int64>()

    func put(_ items: [Item]) async throws { ids.note(contentsOf: items.map(\.id)) }
    func update(_ message: Message) async throws { try await update([message]) }
    func update(_ messages: [Message]) async throws { try await update(messages.compactMap(\.payload)) }
    func update(_ batch: [ArraySlice<UInt8>]) async throws {
        payloads.note(contentsOf: batch.map { String(decoding: $0, as: UTF8.self) })
    }
}

/// The payload of a message, as most handlers read it.
struct Change: Decodable { var id: Int64 }
