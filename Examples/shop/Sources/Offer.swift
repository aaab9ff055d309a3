import GRDB

/// The secondary for showing: a cache of what the shop's pages say of a product.
struct Offer: ProductCopy {
    let rowid: Int64
    let label: String
    let isAvailable: Bool

    init?(_ product: Product) {
        guard let id = product.id else { return nil }
        rowid = id
        label = "\(product.name), \(priceText(product.price))"
        isAvailable = product.stock > 0
    }

    static func createTable(in db: Database) throws {
        try db.create(table: databaseTableName, options: .ifNotExists) { table in
            table.primaryKey("rowid", .integer)
            table.column("label", .text).notNull()
            table.column("isAvailable", .boolean).notNull()
        }
    }
}

extension Secondary<Offer> {
    static func cache(in directory: String, of primary: DatabasePool) throws -> Self {
        try Self(named: "cache", in: directory, of: primary)
    }
}

/// A price in cents, as people write it: 12.05.
func priceText(_ cents: Int) -> String {
    let digits = String(cents % 100)
    return "\(cents / 100).\(digits.count == 1 ? "0" : "")\(digits)"
}
