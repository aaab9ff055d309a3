import ArgumentParser
import Foundation
import GRDB

/// A moment at which this process ends itself as if its power had failed, to show that nothing is lost.
///
/// Not to be copied: it is here for the demonstration and the tests only.
enum CrashPoint: String, CaseIterable, ExpressibleByArgument {
    /// After the row was changed in the transaction; before the delay message, and the commit.
    case afterSave = "after-save"
    /// After Redis has acknowledged the delay message; before the commit.
    case afterDelayMessage = "after-delay-message"
    /// After the commit; before the immediate message.
    case beforeQueue = "before-queue"

    /// Adds the observer of this moment, if it belongs before the streamer's or behind it.
    func prepare(before: Bool, in database: DatabasePool) {
        guard before == (self != .afterDelayMessage) else { return }
        database.add(transactionObserver: Crash(at: self), extent: .databaseLifetime)
    }
}

/// Ends the process around the commit of the first transaction that changes a product.
private final class Crash: TransactionObserver {
    private let point: CrashPoint
    private var isDue = false

    init(at point: CrashPoint) {
        self.point = point
    }

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool {
        eventKind.tableName == Product.databaseTableName
    }

    func databaseDidChange(with event: DatabaseEvent) { isDue = true }

    func databaseWillCommit() throws {
        if isDue, point != .beforeQueue { crash() }
    }

    func databaseDidCommit(_ db: Database) {
        if isDue, point == .beforeQueue { crash() }
    }

    func databaseDidRollback(_ db: Database) { isDue = false }

    /// No clean-up runs: not of this program, not of a library, not of SQLite.
    private func crash() { kill(getpid(), SIGKILL) }
}
