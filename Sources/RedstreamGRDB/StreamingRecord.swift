#if GRDB
public import GRDB
public import Redstream

/// A record of GRDB whose changes secondary datastores follow.
///
/// Saving, inserting, updating, upserting and deleting it announces it, by the ``RecordStreamer`` that is installed in
/// its database. So do ``touch(_:_:)``, and `updateAll`, `deleteAll` and `deleteOne` of the type and of its requests. An
/// update that leaves its row as it was announces nothing.
///
/// ```swift
/// struct Product: Codable, Identifiable, FetchableRecord, MutablePersistableRecord, StreamingRecord {
///     var id: Int64?
///     var name: String
///     mutating func didInsert(_ inserted: InsertionSuccess) { id = inserted.rowID }
/// }
/// ```
///
/// It does so in the callbacks `aroundSave`, `aroundInsert`, `aroundUpdate` and `aroundDelete`. A type that implements
/// one of these itself has to call ``announcing(_:change:)`` there.
///
/// A record that gets its key from the database has to take it in `didInsert`. For a value that is called on a copy first,
/// which is how the key of a new record is learned.
public protocol StreamingRecord: Streamable, MutablePersistableRecord {}

extension StreamingRecord {
    /// Announces the record as inserted.
    public func aroundInsert(_ db: Database, insert: () throws -> InsertionSuccess) throws {
        try announcing(db) {
            let hasKey = try primaryKeyRequest(in: db) != nil
            let inserted = try insert()
            if hasKey { return try changed(by: inserted, in: db) }
            // An object learns its key after this callback, and is announced by `aroundSave`.
            guard !Self.isObject else { return nil }
            var record = self
            record.didInsert(inserted)
            return record
        }
    }

    /// Announces the record as updated, if its row is another than before.
    public func aroundUpdate(
        _ db: Database, columns: Set<String>, update: () throws -> PersistenceSuccess
    ) throws {
        try announcing(db) {
            let before = try row(in: db)
            _ = try update()
            return try row(in: db) == before ? nil : self
        }
    }

    /// Announces an object as inserted that got its key from the database; all others have announced themselves by then.
    public func aroundSave(_ db: Database, save: () throws -> PersistenceSuccess) throws {
        try announcing(db) {
            let awaitsKey = try Self.isObject && primaryKeyRequest(in: db) == nil
            _ = try save()
            return awaitsKey ? self : nil
        }
    }

    /// Announces the record as deleted, if there was one.
    public func aroundDelete(_ db: Database, delete: () throws -> Bool) throws {
        try announcing(db) { try delete() ? self : nil }
    }

    /// Announces the record as changed.
    ///
    /// - Parameters:
    ///   - db: The database, whose transaction the messages belong to.
    ///   - assignments: What to change of the row, such as `Column("updatedAt").set(to: Date())`; none by default.
    /// - Throws: `RecordError.recordNotFound` where there is no such row; `DatabaseError`; what ``announcing(_:change:)``
    ///   throws.
    public func touch(_ db: Database, _ assignments: ColumnAssignment...) throws {
        try announcing(db) {
            guard let request = try primaryKeyRequest(in: db), try !request.isEmpty(db) else {
                throw recordNotFound(db)
            }
            if !assignments.isEmpty { try request.updateUnannounced(db, nil, assignments) }
            return self
        }
    }

    /// Changes the database, and announces what the change returns.
    ///
    /// - Parameters:
    ///   - db: The database. Where no transaction is open, the change gets one, since its messages have to precede the
    ///     commit.
    ///   - change: Changes the database, and returns the record that has changed, or nil where nothing has.
    /// - Throws: ``StreamingError/notInstalled(table:)``; what `change` throws; the error of the record's payload.
    public func announcing(_ db: Database, change: () throws -> (any Streamable)?) throws {
        guard let streamer = ObserverRegistry.streamer(of: db) else {
            guard ObserverRegistry.isMuted else { throw StreamingError.notInstalled(table: Self.databaseTableName) }
            _ = try change()
            return
        }
        try db.inItsTransaction {
            let record = try streamer.covering(Self.databaseTableName, change)
            if let record, !streamer.isMuted { try streamer.note(record, in: db) }
        }
    }

    /// The record that an insert with a known key has changed.
    ///
    /// An upsert that meets another row by a unique column changes that row, and its key stays as it was: it is that
    /// record which is announced.
    private func changed(by inserted: InsertionSuccess, in db: Database) throws -> (any Streamable)? {
        // Before anything else is run; 0 where the insert met a conflict that it ignores.
        let count = db.changesCount
        if try row(in: db) != nil { return self }
        if count == 0 { return nil }
        let table = Self.databaseTableName
        guard let type = Self.self as? any (FetchableRecord & Streamable).Type, inserted.rowIDColumn != nil,
            let row = try Row.fetchOne(
                db, sql: "SELECT * FROM \(table.quotedDatabaseIdentifier) WHERE rowid = ?", arguments: [inserted.rowID])
        else { throw StreamingError.unknownRow(table: table) }
        return try type.init(row: row)
    }

    /// True if records of this type are objects, which are changed in place.
    private static var isObject: Bool { self is AnyObject.Type }

    /// The record's row as it stands; nil where there is none.
    private func row(in db: Database) throws -> Row? {
        guard let request = try primaryKeyRequest(in: db) else { return nil }
        return try Row.fetchOne(db, request.select(AllColumns()))
    }

    /// The row with the record's primary key; nil where it has none yet.
    private func primaryKeyRequest(in db: Database) throws -> QueryInterfaceRequest<Self>? {
        let values = try databaseDictionary
        var key: [String: (any DatabaseValueConvertible)?] = [:]
        for column in try db.primaryKey(Self.databaseTableName).columns {
            guard let value = values.first(where: { $0.key.lowercased() == column.lowercased() })?.value, !value.isNull
            else { return nil }
            key[column] = value
        }
        return Self.filter(key: key)
    }
}
#endif
