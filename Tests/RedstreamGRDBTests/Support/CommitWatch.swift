import GRDB
import Synchronization

/// Calls a closure when a transaction has been committed, before the observers that were added after it.
final class CommitWatch: TransactionObserver, Sendable {
    private let action = Mutex<(@Sendable () -> Void)?>(nil)

    /// Calls `action` at the next commit.
    func atNextCommit(_ action: @escaping @Sendable () -> Void) {
        self.action.withLock { $0 = action }
    }

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { false }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseDidCommit(_ db: Database) { action.withLock { $0.take() }?() }
    func databaseDidRollback(_ db: Database) {}
}
