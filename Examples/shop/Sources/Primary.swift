import GRDB
import Logging
import Redstream
import RedstreamGRDB

/// The database that holds the truth.
struct Primary {
    let database: DatabasePool
    let streamer: RecordStreamer

    /// Opens it, and has it announce what will be changed.
    ///
    /// A database calls its observers in the order in which they were added: those of a crash stand before and behind the
    /// streamer. Without a crash there is one line to copy here, that with `install`.
    init(in directory: String, client: StreamClient, crash: CrashPoint? = nil) throws {
        database = try Primary.open(in: directory)
        streamer = RecordStreamer(RecordProducer(Producer(client)), logger: client.logger)
        crash?.prepare(before: true, in: database)
        try streamer.install(in: database)
        crash?.prepare(before: false, in: database)
    }

    /// Opens it for reading, which announces nothing.
    static func open(in directory: String) throws -> DatabasePool {
        let database = try DatabasePool(path: "\(directory)/primary.sqlite", configuration: .shared)
        try database.write { db in
            try db.create(table: "product", options: .ifNotExists) { table in
                table.autoIncrementedPrimaryKey("id")
                table.column("name", .text).notNull()
                table.column("description", .text).notNull()
                table.column("price", .integer).notNull()
                table.column("stock", .integer).notNull()
            }
        }
        return database
    }
}

extension Configuration {
    /// For databases that several processes use at once: one waits for the other to finish its transaction.
    static var shared: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        return configuration
    }
}
