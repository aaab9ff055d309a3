import Logging
import Synchronization

/// Says whether a service is the active one: that it stands by, has lost its lock, and holds it then.
final class StandbyNotices: Sendable {
    private enum Place {
        case active
        case standingBy
        case lost
    }

    private let title: String
    private let logger: Logger
    private let place = Mutex(Place.active)

    /// Creates the notices of one service.
    ///
    /// - Parameters:
    ///   - title: Who it is, as the log says it: `consumer indexer of products`.
    ///   - logger: Where to say so.
    init(_ title: String, on logger: Logger) {
        self.title = title
        self.logger = logger
    }

    /// Notes that somebody else holds the lock.
    func standsBy(heldBy holder: String) {
        place.withLock { $0 = $0 == .lost ? .lost : .standingBy }
        logger.notice("\(title) stands by: held by \(holder)")
    }

    /// Notes that the lock was lost.
    func lost() {
        place.withLock { $0 = .lost }
        logger.warning("\(title) lost its lock; standing by")
    }

    /// Notes that the lock is held: worth a line where it was waited for.
    func holds() {
        let before = place.withLock { place in
            defer { place = .active }
            return place
        }
        switch before {
        case .active: break
        case .standingBy: logger.notice("\(title) holds its lock now")
        case .lost: logger.notice("\(title) holds its lock again")
        }
    }
}
