import GRDB
import Redstream
import RedstreamGRDB

/// A record of the primary.
///
/// Conforming to `StreamingRecord` is all that it takes to announce its changes: on the stream `products`, with the
/// payload `{"id":…}`.
struct Product: Codable, Identifiable, FetchableRecord, MutablePersistableRecord, StreamingRecord {
    var id: Int64?
    var name: String
    var description: String
    /// In cents.
    var price: Int
    var stock: Int

    enum Columns {
        static let price = Column(CodingKeys.price)
    }

    mutating func didInsert(_ inserted: InsertionSuccess) {
        id = inserted.rowID
    }
}

/// The content of a message: the product that changed.
///
/// It never says how, so that it does no harm if it comes late, or twice.
struct ProductChange: Decodable {
    let id: Int64
}
