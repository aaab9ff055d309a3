import GRDB
import Redstream
import RedstreamGRDB
import TestSupport
import Testing

private struct Refused: Error {}

/// Throws when a transaction wants to commit.
private final class Veto: TransactionObserver {
    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { true }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseWillCommit() throws { throw Refused() }
    func databaseDidCommit(_ db: Database) {}
    func databaseDidRollback(_ db: Database) {}
}

/// Counts the messages of products at the moments around a commit.
private final class Witness: TransactionObserver {
    private let recorder: Recorder<String>
    private let name: String
    private let count: BlockingCount

    init(_ name: String, _ fixture: Fixture, _ recorder: Recorder<String>) {
        self.name = name
        self.recorder = recorder
        count = BlockingCount(fixture)
    }

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { false }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseWillCommit() throws { try look("will commit") }
    func databaseDidCommit(_ db: Database) { try? look("did commit") }
    func databaseDidRollback(_ db: Database) {}

    private func look(_ moment: String) throws {
        let lengths = try count.lengths()
        recorder.note("\(name) \(moment): \(lengths[0]) delayed, \(lengths[1]) immediate")
    }
}

/// The messages at the end of a transaction.
@Suite(.timeLimit(.minutes(3))) struct TransactionTests {
    @Test func aRollbackWritesNeither() async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            await #expect(throws: Refused.self) {
                try await shop.database.write { db in
                    var product = Product()
                    try product.insert(db)
                    throw Refused()
                }
            }
            #expect(try await shop.messages() == .none)
            try await shop.database.write { db in
                var product = Product()
                try product.insert(db)
            }
            #expect(try await shop.messages() == .both(1))
        }
    }

    @Test func aSavepointThatIsRolledBackWritesNeitherAndTheOthersBoth() async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            try shop.stock(Product(), Product(), Product(), Product(), Product())
            try await shop.database.write { db in
                try Product(id: 1, name: "b").update(db)
                try db.inSavepoint {
                    try Product(id: 2, name: "b").update(db)
                    try db.inSavepoint {
                        try Product(id: 3, name: "b").update(db)
                        return .rollback
                    }
                    try db.inSavepoint {
                        try Product(id: 4, name: "b").update(db)
                        return .commit
                    }
                    return .commit
                }
                try db.inSavepoint {
                    try Product(id: 5, name: "b").update(db)
                    try db.inSavepoint {
                        try Product(id: 5, name: "c").update(db)
                        return .commit
                    }
                    return .rollback
                }
            }
            #expect(try await shop.messages() == .both(1, 2, 4))
        }
    }

    @Test func savepointsInSQLCountToo() async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            try shop.stock(Product(), Product())
            try await shop.database.write { db in
                try db.execute(sql: "SAVEPOINT outer_one")
                try Product(id: 1, name: "b").update(db)
                try db.execute(sql: "ROLLBACK TO outer_one")
                try Product(id: 2, name: "b").update(db)
                try db.execute(sql: "RELEASE outer_one")
            }
            #expect(try await shop.messages() == .both(2))
        }
    }

    @Test func aCommitThatTheDatabaseRefusesWritesNoImmediateMessage() async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            await #expect(throws: DatabaseError.self) {
                try await shop.database.write { db in try OrderLine(order: 1, line: "a", product: 99).insert(db) }
            }
            // The foreign key is checked before anybody is told of the commit.
            #expect(try await shop.messages("order_lines-1") == .none)
        }
    }

    @Test func aCommitThatAnotherObserverRefusesLeavesTheDelayMessageOnly() async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            shop.database.add(transactionObserver: Veto(), extent: .databaseLifetime)
            await #expect(throws: Refused.self) {
                try await shop.database.write { db in
                    var product = Product()
                    try product.insert(db)
                }
            }
            #expect(try await shop.messages() == Messages(delayed: [#"{"id":1}"#]))
            #expect(try await shop.database.read { db in try Product.fetchCount(db) } == 0)
        }
    }

    @Test func delayMessagesPrecedeTheCommitAndImmediateOnesFollowIt() async throws {
        try await withNamespace { fixture in
            let recorder = Recorder<String>()
            let shop = try Shop(fixture, observedBy: Witness("first", fixture, recorder))
            shop.database.add(transactionObserver: Witness("last", fixture, recorder), extent: .databaseLifetime)
            // Installing a streamer was a transaction, too.
            let earlier = recorder.count
            try await shop.database.write { db in
                var product = Product()
                try product.insert(db)
                #expect(recorder.count == earlier)
            }
            #expect(
                recorder.values.dropFirst(earlier) == [
                    "first will commit: 0 delayed, 0 immediate", "last will commit: 1 delayed, 0 immediate",
                    "first did commit: 1 delayed, 0 immediate", "last did commit: 1 delayed, 1 immediate",
                ])
        }
    }

    @Test func oneTransactionAnnouncesManyRecordsInOrder() async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            try await shop.database.write { db in
                for _ in 0..<2500 {
                    var product = Product()
                    try product.insert(db)
                }
            }
            let messages = try await shop.messages()
            #expect(messages.delayed == (1...2500).map { #"{"id":\#($0)}"# })
            #expect(messages.immediate == messages.delayed)
        }
    }

    @Test func aWriteCancelledAfterItsCommitQueuesAllTheSame() async throws {
        try await withNamespace { fixture in
            let end = CommitWatch()
            let shop = try Shop(fixture, observedBy: end)
            let write = Task {
                try await shop.database.write { db in
                    var product = Product()
                    try product.insert(db)
                    end.atNextCommit { withUnsafeCurrentTask { $0?.cancel() } }
                }
            }
            try await write.value
            #expect(try await shop.messages() == .both(1))
        }
    }

    @Test func aPoolOfConnectionsStreamsAsAQueueDoes() async throws {
        try await withNamespace { fixture in
            let directory = try TemporaryDirectory()
            let pool = try DatabasePool(path: "\(directory.path)/shop.sqlite")
            try await pool.write { db in
                try db.execute(sql: "CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT, stock INTEGER)")
            }
            try RecordStreamer(RecordProducer(Producer(fixture.client)), settings: .init(deadline: .seconds(20)))
                .install(in: pool)
            try await pool.write { db in
                var product = Product()
                try product.insert(db)
            }
            #expect(try await fixture.length(fixture.keys.stream("products")) == 1)
            #expect(try await fixture.length(fixture.keys.delayStream("products")) == 1)
        }
    }
}
