import GRDB
import Logging
import Metrics
import Redstream

/// Follows the transactions of one database, and announces what they change.
///
/// All of it runs on the database's writer queue. A change leaves a mark: a row that is inserted into a temporary table,
/// and removed at once. SQLite and GRDB forget the events of a savepoint that is rolled back, so that the marks which
/// are told before the commit are those of the changes that will last.
final class TransactionStreamer: TransactionObserver {
    private static let marks = "redstream_marks"

    /// Whether changes are not announced now.
    var isMuted = false
    private let streamer: RecordStreamer
    private var blockingProducers: [ObjectIdentifier?: BlockingProducer] = [:]
    private var lastMark: Int64 = 0
    /// Changes by their marks, until SQLite tells that they were made.
    private var marked: [Int64: RecordAnnouncement] = [:]
    /// What the transaction has changed, in order, each once.
    private var changes: [RecordAnnouncement] = []
    private var known: Set<RecordAnnouncement> = []
    /// When the transaction will have been held up for long enough.
    private var end = ContinuousClock.now
    private var delayFailure: (any Error)?

    init(_ streamer: RecordStreamer) {
        self.streamer = streamer
    }

    static func createMarks(in db: Database) throws {
        try db.execute(sql: "CREATE TEMP TABLE IF NOT EXISTS \(marks) (id INTEGER PRIMARY KEY)")
    }

    /// Notes that a record was changed by the transaction that is open.
    func note(_ record: some Streamable, in db: Database) throws {
        lastMark += 1
        marked[lastMark] = try streamer.records.announcement(of: record)
        try db.cachedStatement(sql: "INSERT INTO temp.\(Self.marks) (id) VALUES (?)").execute(arguments: [lastMark])
        try db.cachedStatement(sql: "DELETE FROM temp.\(Self.marks) WHERE id = ?").execute(arguments: [lastMark])
    }

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool {
        if case .insert(Self.marks) = eventKind { true } else { false }
    }

    func databaseDidChange(with event: DatabaseEvent) {
        guard let change = marked.removeValue(forKey: event.rowID), known.insert(change).inserted else { return }
        changes.append(change)
    }

    func databaseWillCommit() throws {
        guard !changes.isEmpty else { return }
        let thousands = (changes.count + 999) / 1000
        end = .now.advanced(by: streamer.settings.deadline * thousands)
        do {
            try send(to: .delayStream)
        } catch {
            guard case .commitAndReport = streamer.settings.outage else {
                throw StreamingError.delayMessagesFailed(changes: changes.count, reason: "\(error)")
            }
            delayFailure = error
        }
    }

    func databaseDidCommit(_ db: Database) {
        defer { forget() }
        guard !changes.isEmpty else { return }
        do {
            try send(to: .stream)
        } catch {
            if let delayFailure {
                Counter(label: "redstream_immediate_messages_failed_total").increment(by: changes.count)
                report(delayFailure)
            } else {
                streamer.noteFailedImmediateMessages(of: changes.count, error)
            }
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
    }

    /// Tells of changes that no message tells of.
    private func report(_ reason: any Error) {
        Counter(label: "redstream_changes_unannounced_total").increment(by: changes.count)
        streamer.logger.critical(
            "changes were committed that no message announces: \(reason)", metadata: ["changes": "\(changes.count)"])
        guard case .commitAndReport(let report) = streamer.settings.outage else { return }
        let lost = changes.map { UnannouncedChanges.Change(stream: $0.stream, payload: $0.payload) }
        report(UnannouncedChanges(changes: lost, reason: reason))
    }

    private func send(to destination: BlockingProducer.Destination) throws {
        for part in streamer.records.parts(of: changes) {
            let producer = blockingProducers[part.producerKey] ?? BlockingProducer(part.producer)
            blockingProducers[part.producerKey] = producer
            try producer.append(part.messages, to: part.stream, destination, within: end.remaining)
        }
    }
}
