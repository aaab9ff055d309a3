import RedisClient
import RedstreamSystem
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
            if let error = error as? RedisError, error.kind != .cancelled {
                session.update { $0.isDown = error.isServerUnreachable }
            }
            throw isInTransaction ? Self.lostTransaction : error
        }
    }

    /// Closes the connection, and a transaction with it.
    func drop() {
        open.withLock { $0.take() }?.close()
        session.update { $0.transaction = nil }
    }

    /// What was found before a prompt.
    struct Check: Sendable {
        /// Whether a transaction went with the connection.
        var hasLostTransaction = false
        /// The server to which a new connection was opened in place of one that broke; nil if none was.
        var renewed: String?
    }

    /// Looks whether the connection broke while nothing was asked of the server, and tries once to open another one, so
    /// that the prompt tells the truth.
    func check() async -> Check {
        let held = open.withLock { $0 }
        if let held, await held.isFresh() { return Check() }
        guard held != nil || session.state.isDown else { return Check() }
        var check = Check(hasLostTransaction: session.state.isInTransaction)
        drop()
        session.update { $0.isDown = true }
        var configuration = session.state.configuration
        // Whoever waits for the prompt waits no longer than this.
        configuration.connectTimeout = min(configuration.connectTimeout, .milliseconds(300))
        let server = configuration
        do {
            let connection = try await withThrowingTaskGroup(of: RedisConnection?.self) { tasks in
                tasks.addTask { try await RedisConnection.connect(to: server, name: "redstream:shell") }
                tasks.addTask {
                    try await Timer.sleep(for: .milliseconds(300))
                    return nil
                }
                defer { tasks.cancelAll() }
                return try await tasks.next() ?? nil
            }
            guard let connection else { return check }
            open.withLock { $0 = connection }
            session.update { $0.isDown = false }
            check.renewed = connection.address
        } catch {
            // One that refuses the user is there.
            session.update { $0.isDown = (error as? RedisError)?.isServerUnreachable ?? true }
        }
        return check
    }
}
