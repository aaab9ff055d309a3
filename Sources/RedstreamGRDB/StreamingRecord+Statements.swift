#if GRDB
public import GRDB

/// Statements that change many rows of a type, or one that is named by its key, in the form that announces each record.
extension StreamingRecord {
    /// Deletes all records, and announces each.
    ///
    /// - Parameter db: The database.
    /// - Returns: The number of deleted records.
    /// - Throws: ``StreamingError``; `DatabaseError`; the error of a record's payload.
    @discardableResult
    public static func deleteAll(_ db: Database) throws -> Int { try all().deleteAll(db) }

    /// Deletes the records with these primary keys, and announces each.
    ///
    /// Returns, and throws, as ``deleteAll(_:)``.
    @discardableResult
    public static func deleteAll(
        _ db: Database, keys: some Collection<some DatabaseValueConvertible>
    ) throws -> Int {
        keys.isEmpty ? 0 : try filter(keys: keys).deleteAll(db)
    }

    /// Deletes the records with these primary or unique keys, and announces each.
    @discardableResult
    public static func deleteAll(_ db: Database, keys: [[String: (any DatabaseValueConvertible)?]]) throws -> Int {
        keys.isEmpty ? 0 : try filter(keys: keys).deleteAll(db)
    }

    /// Deletes the record with this primary key, and announces it.
    ///
    /// - Returns: True if there was one.
    @discardableResult
    public static func deleteOne(_ db: Database, key: some DatabaseValueConvertible) throws -> Bool {
        try !key.databaseValue.isNull && deleteAll(db, keys: [key]) > 0
    }

    /// Deletes the record with this primary or unique key, and announces it.
    ///
    /// - Returns: True if there was one.
    @discardableResult
    public static func deleteOne(_ db: Database, key: [String: (any DatabaseValueConvertible)?]) throws -> Bool {
        try deleteAll(db, keys: [key]) > 0
    }

    /// Updates all records, and announces each that it changes.
    ///
    /// - Parameters:
    ///   - db: The database.
    ///   - conflictResolution: A policy for conflicts.
    ///   - assignments: The new values.
    /// - Returns: The number of updated records.
    /// - Throws: ``StreamingError``; `DatabaseError`; the error of a record's payload.
    @discardableResult
    public static func updateAll(
        _ db: Database, onConflict conflictResolution: Database.ConflictResolution? = nil,
        _ assignments: [ColumnAssignment]
    ) throws -> Int {
        try all().updateAll(db, onConflict: conflictResolution, assignments)
    }

    /// Updates all records, and announces each that it changes.
    @discardableResult
    public static func updateAll(
        _ db: Database, onConflict conflictResolution: Database.ConflictResolution? = nil,
        _ assignments: ColumnAssignment...
    ) throws -> Int {
        try all().updateAll(db, onConflict: conflictResolution, assignments)
    }

    /// Updates all records, and announces each that it changes.
    @discardableResult
    public static func updateAll(
        _ db: Database, onConflict conflictResolution: Database.ConflictResolution? = nil,
        assignment: (DatabaseComponents) throws -> ColumnAssignment
    ) throws -> Int {
        try all().updateAll(db, onConflict: conflictResolution, [assignment(databaseComponents)])
    }

    /// Updates all records, and announces each that it changes.
    @discardableResult
    public static func updateAll(
        _ db: Database, onConflict conflictResolution: Database.ConflictResolution? = nil,
        assignments: (DatabaseComponents) throws -> [ColumnAssignment]
    ) throws -> Int {
        try all().updateAll(db, onConflict: conflictResolution, assignments(databaseComponents))
    }
}

extension StreamingRecord where Self: Identifiable, ID: DatabaseValueConvertible {
    /// Deletes the records with these ids, and announces each.
    ///
    /// - Returns: The number of deleted records.
    @discardableResult
    public static func deleteAll(_ db: Database, ids: some Collection<ID>) throws -> Int {
        ids.isEmpty ? 0 : try filter(ids: ids).deleteAll(db)
    }

    /// Deletes the record with this id, and announces it.
    ///
    /// - Returns: True if there was one.
    @discardableResult
    public static func deleteOne(_ db: Database, id: ID) throws -> Bool {
        try deleteAll(db, ids: [id]) > 0
    }
}
#endif
