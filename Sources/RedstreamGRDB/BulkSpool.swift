#if GRDB
import FoundationEssentials
import GRDB
import Redstream

/// The beginning of the names of a bulk's tables, by which a statement on records that are announced is known.
let bulkTablePrefix = "redstream_bulk_"

/// The records that a bulk change concerns, in temporary tables of the writer's connection: their primary keys, taken
/// once, and what is announced of them.
///
/// SQLite keeps the tables on disk, so that it needs no more memory for a million records than for a thousand.
struct BulkSpool<Record: StreamingRecord & FetchableRecord>: Sendable {
    /// The byte that ends a payload; JSON texts hold no such byte.
    private static var separator: UInt8 { 0x1e }
    private let table: String
    /// The table of announcements: a row for each portion and each of its streams.
    private let notes: String
    /// The columns of the primary key, quoted.
    private let key: [String]
    /// The number of keys that were taken, with the places 1 to this.
    let count: Int

    /// Takes the keys of the records that a request finds now.
    init(_ request: QueryInterfaceRequest<Record>, in db: Database) throws {
        let name = "\(bulkTablePrefix)\(UInt64.random(in: .min ... .max))"
        table = "temp.\(name)"
        notes = "temp.\(name)_notes"
        let columns = try db.primaryKey(Record.databaseTableName).columns
        key = columns.map(\.quotedDatabaseIdentifier)
        let names = key.indices.map { "k\($0)" }.joined(separator: ", ")
        try db.execute(sql: "CREATE TABLE \(table) (place INTEGER PRIMARY KEY, isLeftOut INTEGER DEFAULT 0, \(names))")
        try db.execute(sql: "CREATE TABLE \(notes) (id INTEGER PRIMARY KEY, place INTEGER, stream TEXT, payloads BLOB)")
        let keys = request.select(columns.map { Column($0) })
        try db.execute(literal: "INSERT INTO \(sql: table) (\(sql: names)) SELECT * FROM (\(keys))")
        count = db.changesCount
        try db.execute(sql: "CREATE INDEX \(table)_key ON \(name) (\(names))")
        try db.execute(sql: "CREATE INDEX \(notes)_place ON \(name)_notes (place)")
    }

    /// Notes what is to be said of the records in some places, as they stand in the database now.
    ///
    /// A record that is gone by now is left out, here and by everything that follows.
    func announce(_ places: ClosedRange<Int>, by records: RecordProducer, in db: Database) throws
        -> [RecordAnnouncement]
    {
        let join = key.enumerated().map { "r.\($1) = s.k\($0)" }.joined(separator: " AND ")
        let source = Record.databaseTableName.quotedDatabaseIdentifier
        let range: StatementArguments = [places.lowerBound, places.upperBound]
        let found = try Record.fetchCursor(
            db,
            sql: """
                SELECT r.* FROM \(table) s JOIN \(source) r ON \(join) WHERE s.place BETWEEN ? AND ? ORDER BY s.place
                """, arguments: range)
        var announcements: [RecordAnnouncement] = []
        while let record = try found.next() { announcements.append(try records.announcement(of: record)) }
        if announcements.count < places.count {
            try db.execute(
                sql: """
                    DELETE FROM \(table) AS s
                    WHERE place BETWEEN ? AND ? AND NOT EXISTS (SELECT 1 FROM \(source) r WHERE \(join))
                    """, arguments: range)
        }
        // The order of the records is kept on each stream.
        for (stream, announced) in Dictionary(grouping: announcements, by: \.stream) {
            var payloads: [UInt8] = []
            for announcement in announced { payloads += announcement.payload.bytes + [Self.separator] }
            try db.execute(
                sql: "INSERT INTO \(notes) (place, stream, payloads) VALUES (?, ?, ?)",
                arguments: [places.lowerBound, stream, Data(payloads)])
        }
        return announcements
    }

    /// Returns the notes for the records in some places, as they were given to ``announce(_:by:in:)``.
    func announcements(_ places: ClosedRange<Int>, by records: RecordProducer, in db: Database) throws
        -> [RecordAnnouncement]
    {
        let producerKey = records.producerKey(for: Record.self)
        let rows = try Row.fetchCursor(
            db, sql: "SELECT stream, payloads FROM \(notes) WHERE place = ? ORDER BY id", arguments: [places.lowerBound]
        )
        var announcements: [RecordAnnouncement] = []
        while let row = try rows.next() {
            let (stream, payloads): (String, Data) = (row[0], row[1])
            announcements += payloads.split(separator: Self.separator).map { payload in
                RecordAnnouncement(producerKey: producerKey, stream: stream, payload: Payload(checked: Array(payload)))
            }
        }
        return announcements
    }

    /// Returns a request for the records that were announced and that a request finds now; none that came to match since.
    ///
    /// The request is evaluated once, here: a statement may change what it looks for, and the next is to find the same
    /// records.
    func narrowed(_ request: QueryInterfaceRequest<Record>, in db: Database) throws -> QueryInterfaceRequest<Record> {
        let names = key.indices.map { "k\($0)" }.joined(separator: ", ")
        let columns = key.joined(separator: ", ")
        let matching = request.select(key.map { SQL(sql: $0) })
        try db.execute(
            literal: """
                UPDATE \(sql: table) SET isLeftOut = 1
                WHERE place NOT IN (SELECT place FROM \(sql: table) WHERE (\(sql: names)) IN (\(matching)))
                """)
        return Record.filter(
            literal: "(\(sql: columns)) IN (SELECT \(sql: names) FROM \(sql: table) WHERE NOT isLeftOut)")
    }

    func drop(in db: Database) throws {
        for table in [table, notes] { try db.execute(sql: "DROP TABLE IF EXISTS \(table)") }
    }
}
#endif
