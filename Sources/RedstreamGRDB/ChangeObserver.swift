#if GRDB
import GRDB
import Logging
import Metrics
import Redstream

/// Follows the transactions of one database, and announces what they change.
///
/// All of it runs on the database's writer queue. A change leaves a mark: a number that is written to the one row of a
/// temporary table, as its id. SQLite and GRDB forget the events of a savepoint that is rolled back, so that the marks
/// which are told before the commit are those of the changes that will last. It is no insert, which would change what the
/// application takes for the id of the row that it has inserted last.
final class ChangeObserver: TransactionObserver {
    private static let marks = "redstream_marks"

    /// True if changes are not announced now.
    var isMuted = false
    private let streamer: RecordStreamer
    private var blockingProducers: [ObjectIdentifier?: BlockingProducer] = [:]
    private var lastMark: Int64 = 0
    /// Changes by their marks, until SQLite tells that they were made.
    private var marked: [Int64: RecordAnnouncement] = [:]
    /// The changes of the transaction, in order, each once.
    private var changes: [RecordAnnouncement] = []
    private var known: Set<RecordAnnouncement> = []
    /// When the transaction will have been held up for long enough.
    private var end = ContinuousClock.now
    private var retries = true
    private var timeLimit = OutageTimeLimit()
    private var delayFailure: (any Error)?
    private var bypass = BypassWatch()

    init(_ streamer: RecordStreamer) {
        self.streamer = streamer
    }

    static func createMarks(in db: Database) throws {
        try db.execute(sql: "CREATE TEMP TABLE \(marks) (id INTEGER PRIMARY KEY)")
        try db.execute(sql: "INSERT INTO temp.\(marks) (id) VALUES (0)")
    }

    /// Notices, from now on, changes of a table that announce nothing.
    func watch(_ table: String) {
        bypass.watch(table)
    }

    /// Runs statements whose changes of a table are announced by other means.
    func covering<Value>(_ table: String, _ statements: () throws -> Value) rethrows -> Value {
        bypass.begin(table)
        defer { bypass.end() }
        return try statements()
    }

    /// Notes that a record was changed by the transaction that is open.
    func note(_ record: some Streamable, in db: Database) throws {
        lastMark += 1
        marked[lastMark] = try streamer.records.announcement(of: record)
        try db.cachedStatement(sql: "UPDATE temp.\(Self.marks) SET id = ?").execute(arguments: [lastMark])
    }

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool {
        if case .update(Self.marks, _) = eventKind { return true }
        // It is asked before each statement, and so knows whether that one is covered.
        return !isMuted && bypass.observes(eventKind.tableName)
    }

    func databaseDidChange(with event: DatabaseEvent) {
        guard event.tableName == Self.marks else { return bypass.note(event.tableName) }
        guard let change = marked.removeValue(forKey: event.rowID), known.insert(change).inserted else { return }
        changes.append(change)
    }

    func databaseWillCommit() throws {
        if case .failTransaction = streamer.settings.bypass, !bypass.changes.isEmpty {
            throw StreamingError.bypassed(tables: bypass.changes.keys.sorted())
        }
        guard !changes.isEmpty else { return }
        let thousands = (changes.count + 999) / 1000
        let (time, retries) = timeLimit.time(streamer.settings.deadline * thousands)
        (end, self.retries) = (.now.advanced(by: time), retries)
        do {
            try send(to: .delayStream)
            timeLimit.succeeded()
        } catch {
            timeLimit.failed(wasLong: retries)
            guard streamer.settings.outage.commits else {
                throw StreamingError.delayMessagesFailed(changes: changes.count, reason: .init(error))
            }
            delayFailure = error
        }
    }

    func databaseDidCommit(_ db: Database) {
        tellOfBypass()
        let (changes, delayFailure) = (changes, delayFailure)
        defer { forget() }
        guard !changes.isEmpty else { return }
        do {
            try send(to: .stream)
        } catch {
            guard let delayFailure else { return streamer.noteFailedImmediateMessages(of: changes.count, error) }
            // The function that is told may write to the database, which is another transaction.
            forget()
            streamer.noteUnannounced(changes.count, delayFailure)
            streamer.report(changes, delayFailure, in: db)
        }
    }

    func databaseDidRollback(_ db: Database) {
        forget()
    }

    private func forget() {
        marked.removeAll()
        changes.removeAll()
        known.removeAll()
        delayFailure = nil
        bypass.forget()
    }

    private func tellOfBypass() {
        guard !bypass.changes.isEmpty else { return }
        Counter(label: "redstream_changes_unannounced_total").increment(by: bypass.changes.values.reduce(0, +))
        for table in bypass.untold() {
            streamer.logger.warning(
                "rows of \(table) were changed by statements that announce nothing; \(StreamingError.bypassAdvice)",
                metadata: ["table": "\(table)"])
        }
    }

    private func send(to destination: BlockingProducer.Destination) throws {
        for part in streamer.records.parts(of: changes) {
            let producer = blockingProducers[part.producerKey] ?? BlockingProducer(part.producer)
            blockingProducers[part.producerKey] = producer
            try producer.append(
                part.messages, to: part.stream, destination, within: end.remaining, retries: retries)
        }
    }
}
#endif
