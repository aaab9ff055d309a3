import GRDB

/// The secondary for searching: a full-text index.
struct Document: ProductCopy {
    let rowid: Int64
    let name: String
    let description: String

    init?(_ product: Product) {
        guard let id = product.id else { return nil }
        (rowid, name, description) = (id, product.name, product.description)
    }

    static func createTable(in db: Database) throws {
        try db.create(virtualTable: databaseTableName, options: .ifNotExists, using: FTS5()) { table in
            table.tokenizer = .porter()
            table.column("name")
            table.column("description")
        }
    }
}

extension Secondary<Document> {
    static func index(in directory: String, of primary: DatabasePool) throws -> Self {
        try Self(named: "index", in: directory, of: primary)
    }

    /// The documents that hold all of the words, the best first.
    func search(_ words: [String]) throws -> [Document] {
        try database.read { db in
            guard let pattern = FTS5Pattern(matchingAllTokensIn: words.joined(separator: " ")) else { return [] }
            return try Document.select(.allColumns, .rowID).matching(pattern).order(Column.rank).limit(5).fetchAll(db)
        }
    }
}
