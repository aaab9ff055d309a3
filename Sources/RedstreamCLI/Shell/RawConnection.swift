import RedisClient
import Synchronization

/// The one connection for Redis commands as they are typed: opened when it is needed, and again after it broke.
final class RawConnection: Sendable {
    private let session: ShellSession
    private let open = Mutex<RedisConnection?>(nil)

    init(_ session: ShellSession) {
        self.session = session
    }

    /// What happened to the connection before a command was sent.
    enum Condition: Equatable {
        case same
        case renewed
        case lostTransaction
    }

    /// A connection that works, as far as can be told.
    ///
    /// - Throws: `RedisError` when there is none, and none can be opened.
    func connection() async throws -> (RedisConnection, Condition) {
        let held = open.withLock { $0 }
        if let held, await held.isFresh() { return (held, .same) }
        let wasInTransaction = session.state.isInTransaction
        let wasDown = session.state.isDown || held != nil
        drop()
        do {
            let connection = try await RedisConnection.connect(
                to: session.state.configuration, name: "redstream:shell")
            open.withLock { $0 = connection }
            session.update { $0.isDown = false }
            return (connection, wasInTransaction ? .lostTransaction : wasDown ? .renewed : .same)
        } catch {
            if !(error is CancellationError) { session.update { $0.isDown = Self.isOutage(error) } }
            throw error
        }
    }

    /// Closes the connection, and a transaction with it.
    func drop() {
        open.withLock { $0.take() }?.close()
        session.update { $0.isInTransaction = false }
    }

    /// Looks whether the server has gone while nothing was asked of it.
    func check() async {
        guard let held = open.withLock({ $0 }), await !held.isFresh() else { return }
        session.update { $0.isDown = true }
    }

    private static func isOutage(_ error: any Error) -> Bool {
        switch (error as? RedisError)?.kind {
        case .connectFailed, .connectionLost, .timedOut: true
        default: false
        }
    }
}
