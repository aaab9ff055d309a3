#if GRDB
public import GRDB
public import Logging
import Metrics
public import Redstream

/// Announces every change of a database's ``StreamingRecord``s: a delay message before the commit, an immediate message
/// after it.
///
/// ```swift
/// let streamer = RecordStreamer(RecordProducer(Producer(client)))
/// try streamer.install(in: dbQueue)
/// try dbQueue.write { db in try product.save(db) }
/// ```
///
/// What holds:
/// - The delay messages of a transaction are acknowledged by Redis before it commits. When they are not, within
///   ``Settings/deadline``, the ``OutagePolicy`` decides.
/// - The immediate messages follow the commit. When that fails, it is logged and counted
///   (`redstream_immediate_messages_failed_total`), and the delay messages repair.
/// - What is rolled back, be it a transaction or a savepoint, is not announced.
/// - Equal messages of one transaction are written once.
///
/// `updateAll`, `deleteAll` and `deleteOne` of a type or a request announce each record that they change, and read it for
/// that. ``bulk(_:in:change:)`` is their form for many records.
///
/// Raw SQL, triggers and cascading foreign keys announce nothing; ``Settings/bypass`` decides what becomes of such a
/// transaction.
public struct RecordStreamer: Sendable {
    /// The time that a transaction may wait for Redis, and the treatment of a longer outage.
    public struct Settings: Sendable {
        /// The longest that a transaction is held up by the network, for each thousand of its changes; 1 s by default.
        ///
        /// It covers opening a connection, and both kinds of messages together. Meanwhile nothing else writes to the
        /// database. Once a transaction has waited in vain, those that follow try Redis once, for a fifth of the time, so
        /// that an outage does not hold up the database; every fifth deadline one waits as long as the first.
        public var deadline: Duration
        /// The treatment of a transaction if Redis does not take the delay messages; it fails by default.
        public var outage: OutagePolicy
        /// The treatment of changes by statements that announce nothing; they are counted and logged by default.
        public var bypass: BypassPolicy

        /// Creates settings.
        public init(
            deadline: Duration = .seconds(1), outage: OutagePolicy = .failTransaction, bypass: BypassPolicy = .report
        ) {
            self.deadline = deadline
            self.outage = outage
            self.bypass = bypass
        }
    }

    let records: RecordProducer
    let settings: Settings
    let logger: Logger

    /// Creates a streamer, which does nothing before it is installed.
    ///
    /// - Parameters:
    ///   - records: Where messages go, for each type of records.
    ///   - settings: How long to wait for Redis, and what happens then.
    ///   - logger: Where failures are told, without payloads; nothing is logged by default.
    public init(
        _ records: RecordProducer, settings: Settings = Settings(),
        logger: Logger = Logger(label: "redstream", factory: { _ in SwiftLogNoOpLogHandler() })
    ) {
        self.records = records
        self.settings = settings
        self.logger = logger
    }

    /// Begins to announce the changes that are made through a database's writer, for as long as it is open.
    ///
    /// It creates a temporary table, `redstream_marks`, by which it learns what a savepoint has rolled back.
    ///
    /// - Parameters:
    ///   - writer: The database. One that is shared with other processes needs a streamer in each.
    ///   - types: Records whose tables are watched for changes that announce nothing, from now on; those of other types
    ///     are from their first change on. See ``BypassPolicy``.
    /// - Throws: ``StreamingError/alreadyInstalled``; `DatabaseError` where the table could not be created.
    public func install(in writer: some DatabaseWriter, watching types: any StreamingRecord.Type...) throws {
        try writer.writeWithoutTransaction { db in
            guard ObserverRegistry.streamer(of: db) == nil else { throw StreamingError.alreadyInstalled }
            try ChangeObserver.createMarks(in: db)
            let observer = ChangeObserver(self)
            for type in types { observer.watch(type.databaseTableName) }
            ObserverRegistry.set(observer, for: db)
            db.add(transactionObserver: observer, extent: .databaseLifetime)
        }
    }

    /// Tells of changes that were committed, and that no message announces.
    func noteUnannounced(_ changes: Int, _ reason: any Error) {
        Counter(label: "redstream_immediate_messages_failed_total").increment(by: changes)
        Counter(label: "redstream_changes_unannounced_total").increment(by: changes)
        logger.critical(
            "changes were committed that no message announces: \(reason)", metadata: ["changes": "\(changes)"])
    }

    /// Gives changes that no message announces to the function of the ``OutagePolicy``.
    ///
    /// It is called on the database's queue, outside of a transaction.
    func report(_ changes: [RecordAnnouncement], _ reason: any Error, in db: Database) {
        let lost = UnannouncedChanges(
            changes: changes.map { UnannouncedChanges.Change(stream: $0.stream, payload: $0.payload) }, reason: reason)
        switch settings.outage {
        case .failTransaction: break
        case .commitAndReport(let report): report(lost)
        case .commitAndSave(let save):
            do {
                try db.withoutStreaming {
                    try db.inTransaction {
                        try save(lost, db)
                        return .commit
                    }
                }
            } catch {
                logger.critical(
                    "changes that no message announces could not be saved: \(error)",
                    metadata: ["changes": "\(changes.count)"])
            }
        }
    }

    /// Tells of changes that were committed, and that their delay messages will announce.
    func noteFailedImmediateMessages(of changes: Int, _ error: any Error) {
        Counter(label: "redstream_immediate_messages_failed_total").increment(by: changes)
        logger.error(
            "immediate messages failed, delay messages will repair: \(error)", metadata: ["changes": "\(changes)"])
    }
}

extension Database {
    /// Changes records without announcing them, as an import may want that rebuilds the secondaries afterwards.
    ///
    /// - Parameter changes: What to do.
    /// - Returns: What it returned.
    /// - Throws: What it threw.
    public func withoutStreaming<Value>(_ changes: () throws -> Value) rethrows -> Value {
        guard let streamer = ObserverRegistry.streamer(of: self) else {
            return try ObserverRegistry.$isMuted.withValue(true) { try changes() }
        }
        let before = streamer.isMuted
        streamer.isMuted = true
        defer { streamer.isMuted = before }
        return try changes()
    }
}
#endif
