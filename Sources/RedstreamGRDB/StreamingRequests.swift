#if GRDB
public import GRDB
import Redstream

/// Statements that change many rows, in the form that announces each record.
///
/// They hide the functions of GRDB with the same names, in files that import RedstreamGRDB. What returns a cursor or a
/// statement is not among them: it may change rows at any later time.
extension QueryInterfaceRequest where RowDecoder: StreamingRecord {
    /// Deletes the records that the request finds, and announces each; for many, see
    /// ``RecordStreamer/bulk(_:in:change:)``.
    ///
    /// - Parameter db: The database.
    /// - Returns: The number of deleted records.
    /// - Throws: ``StreamingError``; `DatabaseError`; the error of a record's payload.
    @discardableResult
    public func deleteAll(_ db: Database) throws -> Int {
        try announcing(db, { try deleteUnannounced(db) }, of: { try $0.deleted() })
    }

    /// Deletes the records that the request finds, announces each, and returns them.
    public func deleteAndFetchAll(_ db: Database) throws -> [RowDecoder] where RowDecoder: FetchableRecord {
        try announcing(db, { try Array(deleteAndFetchCursor(db)) }, of: { try $0.deleted() })
    }

    /// Deletes the records that the request finds, announces each, and returns them.
    public func deleteAndFetchSet(_ db: Database) throws -> Set<RowDecoder>
    where RowDecoder: FetchableRecord & Hashable {
        try Set(deleteAndFetchAll(db))
    }

    /// Deletes the records that the request finds, announces each, and returns their ids.
    public func deleteAndFetchIds(_ db: Database) throws -> Set<RowDecoder.ID>
    where
        RowDecoder: Identifiable, RowDecoder.ID: Hashable & DatabaseValueConvertible & StatementColumnConvertible
    {
        try announcing(db, { try deleteAndFetchIDsUnannounced(db) }, of: { try $0.deleted() })
    }

    /// Updates the records that the request finds, and announces each that it changes; for many, see
    /// ``RecordStreamer/bulk(_:in:change:)``.
    ///
    /// - Parameters:
    ///   - db: The database.
    ///   - conflictResolution: A policy for conflicts.
    ///   - assignments: The new values.
    /// - Returns: The number of updated records.
    /// - Throws: ``StreamingError``; `DatabaseError`; the error of a record's payload.
    @discardableResult
    public func updateAll(
        _ db: Database, onConflict conflictResolution: Database.ConflictResolution? = nil,
        _ assignments: [ColumnAssignment]
    ) throws -> Int {
        try announcing(
            db, { try updateUnannounced(db, conflictResolution, assignments) }, of: { try $0.updated() })
    }

    /// Updates the records that the request finds, and announces each that it changes.
    @discardableResult
    public func updateAll(
        _ db: Database, onConflict conflictResolution: Database.ConflictResolution? = nil,
        _ assignments: ColumnAssignment...
    ) throws -> Int {
        try updateAll(db, onConflict: conflictResolution, assignments)
    }

    /// Updates the records that the request finds, and announces each that it changes.
    @discardableResult
    public func updateAll(
        _ db: Database, onConflict conflictResolution: Database.ConflictResolution? = nil,
        assignment: (DatabaseComponents) throws -> ColumnAssignment
    ) throws -> Int {
        try updateAll(db, onConflict: conflictResolution, [assignment(RowDecoder.databaseComponents)])
    }

    /// Updates the records that the request finds, and announces each that it changes.
    @discardableResult
    public func updateAll(
        _ db: Database, onConflict conflictResolution: Database.ConflictResolution? = nil,
        assignments: (DatabaseComponents) throws -> [ColumnAssignment]
    ) throws -> Int {
        try updateAll(db, onConflict: conflictResolution, assignments(RowDecoder.databaseComponents))
    }

    /// Updates the records that the request finds, announces each that it changes, and returns them.
    public func updateAndFetchAll(
        _ db: Database, onConflict conflictResolution: Database.ConflictResolution? = nil,
        _ assignments: [ColumnAssignment]
    ) throws -> [RowDecoder] where RowDecoder: FetchableRecord {
        try announcing(
            db, { try Array(updateAndFetchCursor(db, onConflict: conflictResolution, assignments)) },
            of: { try $0.updated() })
    }

    /// Updates the records that the request finds, announces each that it changes, and returns them.
    public func updateAndFetchAll(
        _ db: Database, onConflict conflictResolution: Database.ConflictResolution? = nil,
        assignments: (DatabaseComponents) throws -> [ColumnAssignment]
    ) throws -> [RowDecoder] where RowDecoder: FetchableRecord {
        try updateAndFetchAll(db, onConflict: conflictResolution, assignments(RowDecoder.databaseComponents))
    }

    /// Updates the records that the request finds, announces each that it changes, and returns them.
    public func updateAndFetchSet(
        _ db: Database, onConflict conflictResolution: Database.ConflictResolution? = nil,
        _ assignments: [ColumnAssignment]
    ) throws -> Set<RowDecoder> where RowDecoder: FetchableRecord & Hashable {
        try Set(updateAndFetchAll(db, onConflict: conflictResolution, assignments))
    }

    /// Updates the records that the request finds, announces each that it changes, and returns them.
    public func updateAndFetchSet(
        _ db: Database, onConflict conflictResolution: Database.ConflictResolution? = nil,
        assignments: (DatabaseComponents) throws -> [ColumnAssignment]
    ) throws -> Set<RowDecoder> where RowDecoder: FetchableRecord & Hashable {
        try Set(updateAndFetchAll(db, onConflict: conflictResolution, assignments(RowDecoder.databaseComponents)))
    }

    /// Changes records by a statement, and announces them, unless a bulk has announced them.
    private func announcing<Value>(
        _ db: Database, _ change: () throws -> Value, of changed: (MatchingRows<RowDecoder>) throws -> [any Streamable]
    ) throws -> Value {
        let table = RowDecoder.databaseTableName
        let streamer = ObserverRegistry.streamer(of: db)
        if try isOfBulk(db) {
            guard let streamer else { return try change() }
            return try streamer.covering(table, change)
        }
        guard let streamer else {
            guard ObserverRegistry.isMuted else { throw StreamingError.notInstalled(table: table) }
            return try change()
        }
        if streamer.isMuted { return try change() }
        return try db.inItsTransaction {
            let rows = try MatchingRows(self, in: db)
            let value = try streamer.covering(table, change)
            for record in try changed(rows) { try streamer.note(record, in: db) }
            return value
        }
    }

    /// Returns true if the request is narrowed to records that a bulk has announced.
    private func isOfBulk(_ db: Database) throws -> Bool {
        try makePreparedRequest(db, forSingleResult: false).statement.sql.contains(bulkTablePrefix)
    }
}

extension QueryInterfaceRequest {
    /// Deletes rows by GRDB's own function.
    fileprivate func deleteUnannounced(_ db: Database) throws -> Int { try deleteAll(db) }

    /// Deletes rows by GRDB's own function.
    fileprivate func deleteAndFetchIDsUnannounced(_ db: Database) throws -> Set<RowDecoder.ID>
    where
        RowDecoder: TableRecord & Identifiable,
        RowDecoder.ID: Hashable & DatabaseValueConvertible & StatementColumnConvertible
    {
        try deleteAndFetchIds(db)
    }

    /// Updates rows by GRDB's own function.
    @discardableResult
    func updateUnannounced(
        _ db: Database, _ conflictResolution: Database.ConflictResolution?, _ assignments: [ColumnAssignment]
    ) throws -> Int {
        try updateAll(db, onConflict: conflictResolution, assignments)
    }
}
#endif
