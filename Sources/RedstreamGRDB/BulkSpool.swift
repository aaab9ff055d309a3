import Foundation
import GRDB
import Redstream

/// The records that a bulk change concerns, in a temporary table of the writer's connection: their primary keys, taken
/// once, and what is announced of each.
///
/// SQLite keeps the table on disk, so that it needs no more memory for a million records than for a thousand.
struct BulkSpool<Record: StreamingRecord & FetchableRecord>: Sendable {
    private struct Item: Sendable {
        let place: Int
        let announcement: RecordAnnouncement
    }

    private let table: String
    /// The columns of the primary key, quoted.
    private let key: [String]
    /// How many keys there are, with the places 1 to this.
    let count: Int

    /// Takes the keys of the records that a request finds now.
    init(_ request: QueryInterfaceRequest<Record>, in db: Database) throws {
        table = "temp.\"redstream_bulk_\(UInt64.random(in: .min ... .max))\""
        let columns = try db.primaryKey(Record.databaseTableName).columns
        key = columns.map(\.quotedDatabaseIdentifier)
        let names = key.indices.map { "k\($0)" }.joined(separator: ", ")
        try db.execute(
            sql: "CREATE TABLE \(table) (place INTEGER PRIMARY KEY, \(names), stream TEXT, payload BLOB)")
        let keys = request.select(columns.map { Column($0) })
        try db.execute(literal: "INSERT INTO \(sql: table) (\(sql: names)) SELECT * FROM (\(keys))")
        count = db.changesCount
        let index = table.replacingOccurrences(of: "redstream_bulk", with: "redstream_bulk_key")
        let bareTable = String(table.dropFirst("temp.".count))
        try db.execute(sql: "CREATE INDEX \(index) ON \(bareTable) (\(names))")
    }

    /// Notes what is to be said of the records in some places, as they stand in the database now.
    ///
    /// A record that is gone by now is left out, here and by everything that follows.
    func announce(_ places: ClosedRange<Int>, by records: RecordProducer, in db: Database) throws
        -> [RecordAnnouncement]
    {
        let join = key.enumerated().map { "r.\($1) = s.k\($0)" }.joined(separator: " AND ")
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT r.*, s.place AS redstream_place
                FROM \(table) s JOIN \(Record.databaseTableName.quotedDatabaseIdentifier) r ON \(join)
                WHERE s.place BETWEEN ? AND ? ORDER BY s.place
                """, arguments: [places.lowerBound, places.upperBound])
        var items: [Item] = []
        while let row = try rows.next() {
            items.append(
                Item(place: row["redstream_place"], announcement: try records.announcement(of: Record(row: row))))
        }
        let note = try db.cachedStatement(sql: "UPDATE \(table) SET stream = ?, payload = ? WHERE place = ?")
        for item in items {
            let payload = item.announcement.payload.bytes
            try payload.withUnsafeBytes { bytes in
                try note.execute(arguments: [item.announcement.stream, Data(bytes), item.place])
            }
        }
        return items.map(\.announcement)
    }

    /// What was noted for the records in some places.
    func announcements(_ places: ClosedRange<Int>, by records: RecordProducer, in db: Database) throws
        -> [RecordAnnouncement]
    {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT stream, payload FROM \(table) WHERE place BETWEEN ? AND ? AND stream IS NOT NULL ORDER BY place
                """, arguments: [places.lowerBound, places.upperBound])
        var announcements: [RecordAnnouncement] = []
        while let row = try rows.next() {
            let payload: Data = row["payload"]
            announcements.append(
                RecordAnnouncement(
                    producerKey: records.producerKey(for: Record.self), stream: row["stream"],
                    payload: try Payload(json: payload)))
        }
        return announcements
    }

    /// The records of the request that were announced; none that came to match it since.
    func narrowed(_ request: QueryInterfaceRequest<Record>) -> QueryInterfaceRequest<Record> {
        let names = key.indices.map { "k\($0)" }.joined(separator: ", ")
        let columns = key.joined(separator: ", ")
        let matching = request.select(key.map { SQL(sql: $0) })
        return Record.filter(
            literal: """
                (\(sql: columns)) IN (SELECT \(sql: names) FROM \(sql: table) WHERE stream IS NOT NULL)
                AND (\(sql: columns)) IN (\(matching))
                """)
    }

    func drop(in db: Database) throws {
        try db.execute(sql: "DROP TABLE IF EXISTS \(table)")
    }
}
