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
    private let state = Mutex((place: Place.active, told: String?.none))

    /// Creates the notices of one service.
    ///
    /// - Parameters:
    ///   - title: The name of the service in the log: `consumer indexer of products`.
    ///   - logger: The log.
    init(_ title: String, on logger: Logger) {
        self.title = title
        self.logger = logger
    }

    /// Notes that another process holds the lock, and logs it once for each holder.
    func standsBy(heldBy holder: String) {
        let isNews = state.withLock { state in
            if case .lost = state.place {} else { state.place = .standingBy(for: holder) }
            defer { state.told = holder }
            return state.told != holder
        }
        if isNews { logger.notice("\(title) stands by: held by \(holder)") }
    }

    /// Notes that the lock was lost.
    func lost() {
        state.withLock { $0 = (.lost, nil) }
        logger.warning("\(title) lost its lock; standing by")
    }

    /// Notes that this process holds the lock, and logs it if it waited for it.
    ///
    /// - Parameter offset: The offset at which it goes on; nil if it has none.
    func holds(at offset: StreamID? = nil) {
        let position = offset.map { " at \($0)" } ?? ""
        let before = state.withLock { state in
            defer { state = (.active, nil) }
            return state.place
        }
        switch before {
        case .active: break
        case .standingBy(let holder):
            logger.notice("\(title) took over (from \(HolderIdentity.process(of: holder)))\(position)")
        case .lost: logger.notice("\(title) holds its lock again\(position)")
        }
    }
}
