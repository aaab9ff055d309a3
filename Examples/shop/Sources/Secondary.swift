import GRDB
import Redstream

/// A secondary's copy of a product: a row that can be made anew from the product at any time.
protocol ProductCopy: Codable, Equatable, Sendable, FetchableRecord, PersistableRecord {
    /// The product's id, and the row's.
    var rowid: Int64 { get }

    init?(_ product: Product)

    /// Creates the table, if there is none.
    static func createTable(in db: Database) throws
}

/// A database that is derived from the primary, and follows it.
struct Secondary<Copy: ProductCopy>: Sendable {
    let database: DatabasePool
    let primary: DatabasePool

    init(named name: String, in directory: String, of primary: DatabasePool) throws {
        database = try DatabasePool(path: "\(directory)/\(name).sqlite", configuration: .shared)
        self.primary = primary
        try database.write(Copy.createTable)
    }

    /// Handles a batch of messages: brings the products that it names in line with the primary.
    ///
    /// The primary is read anew, so that a batch may come twice. It is read after this database is locked for writing,
    /// so that of two processes that handle the same product, as when one was asleep while its lease ran out, whoever
    /// writes last has also read last. All rows change in one transaction: the batch is handled, or it is not.
    func follow(_ batch: Batch) async throws {
        let ids = Set(try batch.messages.map { try $0.decode(ProductChange.self).id })
        try await database.write { db in
            let products = try primary.read { try Product.fetchAll($0, keys: ids) }
            for copy in products.compactMap(Copy.init) { try copy.insert(db, onConflict: .replace) }
            let gone = ids.subtracting(products.compactMap(\.id))
            try Copy.filter(gone.contains(Column.rowID)).deleteAll(db)
        }
    }

    /// The ids of the products whose row here is not what it should be, missing and left over ones included.
    ///
    /// It goes through both tables side by side, row by row, whatever their size.
    func differences() throws -> [Int64] {
        try primary.read { primary in
            try database.read { db in
                let expected = try Product.orderByPrimaryKey().fetchCursor(primary).compactMap(Copy.init)
                let actual = try Copy.select(.allColumns, .rowID).order(Column.rowID).fetchCursor(db)
                var (left, right) = (try expected.next(), try actual.next())
                var ids: [Int64] = []
                while let id = [left?.rowid, right?.rowid].compactMap({ $0 }).min() {
                    if left != right { ids.append(id) }
                    if left?.rowid == id { left = try expected.next() }
                    if right?.rowid == id { right = try actual.next() }
                }
                return ids
            }
        }
    }
}
