import Logging
import Synchronization

/// Logs the changes between standing by and being active: waiting for the lock, taking it, losing it.
final class StandbyNotices: Sendable {
    private enum Place {
        case active
        case standingBy(for: String)
        case lost
    }

    private let title: String
    private let logger: Logger
    private let place = Mutex(Place.active)

    /// Creates the notices of one service.
    ///
    /// - Parameters:
    ///   - title: The name of the service in the log: `consumer indexer of products`.
    ///   - logger: The log.
    init(_ title: String, on logger: Logger) {
        self.title = title
        self.logger = logger
    }

    /// Notes that another process holds the lock.
    func standsBy(heldBy holder: String) {
        place.withLock { place in
            if case .lost = place { return }
            place = .standingBy(for: holder)
        }
        logger.notice("\(title) stands by: held by \(holder)")
    }

    /// Notes that the lock was lost.
    func lost() {
        place.withLock { $0 = .lost }
        logger.warning("\(title) lost its lock; standing by")
    }

    /// Notes that this process holds the lock, and logs it if it waited for it.
    ///
    /// - Parameter offset: The offset at which it goes on; nil if it has none.
    func holds(at offset: StreamID? = nil) {
        let position = offset.map { " at \($0)" } ?? ""
        let before = place.withLock { place in
            defer { place = .active }
            return place
        }
        switch before {
        case .active: break
        case .standingBy(let holder):
            logger.notice("\(title) took over (from \(HolderIdentity.process(of: holder)))\(position)")
        case .lost: logger.notice("\(title) holds its lock again\(position)")
        }
    }
}
