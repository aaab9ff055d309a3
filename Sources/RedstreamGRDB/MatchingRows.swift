#if GRDB
import GRDB
import Redstream

/// The records that a request finds, as they stand before a statement changes all of them.
struct MatchingRows<Record: StreamingRecord> {
    /// Finds one record by its primary key.
    private let lookup: Statement
    /// The primary keys and the rows before the change.
    private let rows: [(key: StatementArguments, row: Row)]
    private let type: any (FetchableRecord & Streamable).Type

    /// Reads the records.
    ///
    /// - Throws: ``StreamingError/unreadableRows(table:)``; `DatabaseError`.
    init(_ request: QueryInterfaceRequest<Record>, in db: Database) throws {
        let table = Record.databaseTableName
        guard let type = Record.self as? any (FetchableRecord & Streamable).Type else {
            throw StreamingError.unreadableRows(table: table)
        }
        self.type = type
        let columns = try db.primaryKey(table).columns
        let condition = columns.map { "\(table.quotedDatabaseIdentifier).\($0.quotedDatabaseIdentifier) = ?" }
        let unknown = StatementArguments(columns.map { _ in DatabaseValue.null })
        lookup = try Record.filter(sql: condition.joined(separator: " AND "), arguments: unknown)
            .makePreparedRequest(db, forSingleResult: false).statement
        // The keys alone, as the statement itself looks for them: with a limit, another selection could find other rows.
        let keys = try Row.fetchAll(db, request.select(columns.map { Column($0) }))
        var rows: [(key: StatementArguments, row: Row)] = []
        for key in keys {
            let arguments = StatementArguments(key.databaseValues)
            guard let row = try Row.fetchOne(lookup, arguments: arguments) else { continue }
            rows.append((arguments, row))
        }
        self.rows = rows
    }

    /// Returns the records that were deleted, as they stood.
    func deleted() throws -> [any Streamable] {
        var deleted: [any Streamable] = []
        for (key, before) in rows where try Row.fetchOne(lookup, arguments: key) == nil {
            deleted.append(try type.init(row: before))
        }
        return deleted
    }

    /// Returns the records whose rows were changed, as they stand.
    ///
    /// - Throws: ``StreamingError/changedKeys(table:)``; `DatabaseError`.
    func updated() throws -> [any Streamable] {
        var updated: [any Streamable] = []
        for (key, before) in rows {
            guard let after = try Row.fetchOne(lookup, arguments: key) else {
                throw StreamingError.changedKeys(table: Record.databaseTableName)
            }
            if after != before { updated.append(try type.init(row: after)) }
        }
        return updated
    }
}
#endif
