import RedisClient
import Synchronization

/// The one connection for Redis commands as they are typed: opened when it is needed, and again after it broke.
final class RawConnection: Sendable {
    private let session: ShellSession
    private let open = Mutex<RedisConnection?>(nil)

    init(_ session: ShellSession) {
        self.session = session
    }

    /// What is said where a connection went in the middle of a transaction.
    static let lostTransaction = Failure(
        .failed, "the connection was lost, and the transaction with it: nothing of it was carried out",
        hint: "begin again with MULTI")

    /// A connection that works, as far as can be told, and whether it is another one than before.
    ///
    /// - Throws: `RedisError` when there is none, and none can be opened; ``lostTransaction`` where what was begun
    ///   cannot go on.
    func connection() async throws -> (RedisConnection, isRenewed: Bool) {
        let held = open.withLock { $0 }
        if let held, await held.isFresh() { return (held, false) }
        let isInTransaction = session.state.isInTransaction
        let wasDown = session.state.isDown || held != nil
        drop()
        do {
            let connection = try await RedisConnection.connect(
                to: session.state.configuration, name: "redstream:shell")
            open.withLock { $0 = connection }
            session.update { $0.isDown = false }
            if isInTransaction { throw Self.lostTransaction }
            return (connection, wasDown)
        } catch {
            if !(error is CancellationError), !(error is Failure) {
                session.update { $0.isDown = (error as? RedisError)?.isServerUnreachable == true }
            }
            throw isInTransaction ? Self.lostTransaction : error
        }
    }

    /// Closes the connection, and a transaction with it.
    func drop() {
        open.withLock { $0.take() }?.close()
        session.update { $0.transaction = nil }
    }

    /// Looks whether the server has gone while nothing was asked of it; returns whether a transaction went with it.
    func check() async -> Bool {
        guard let held = open.withLock({ $0 }), await !held.isFresh() else { return false }
        let isInTransaction = session.state.isInTransaction
        drop()
        session.update { $0.isDown = true }
        return isInTransaction
    }
}
