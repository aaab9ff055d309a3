import RedstreamConnection
import Synchronization

/// The one connection for Redis commands as they are typed: opened when it is needed, and again after it broke.
final class RawConnection: Sendable {
    private let session: ShellSession
    private let open = Mutex<RedisConnection?>(nil)

    init(_ session: ShellSession) {
        self.session = session
    }

    /// The failure of a transaction whose connection was lost.
    static let lostTransaction = Failure(
        .failed, "the connection was lost, and the transaction with it: nothing of it was carried out",
        hint: "begin again with MULTI")

    private static let lostWatch = Failure(
        .failed, "the connection was lost, and it watches nothing any more", hint: "begin again with WATCH")

    /// The time for replacing a connection at the prompt, which waits for it.
    private static let promptTime = Duration.milliseconds(500)

    /// Returns a connection that works, as far as can be told.
    ///
    /// One that the server has closed while nothing was asked of it is replaced in silence, unless that ends a transaction.
    ///
    /// - Returns: The connection, and whether the server is back after it could not be reached.
    /// - Throws: `RedisError` if none can be opened; ``Failure`` if a transaction was lost.
    func connection(within limit: Duration? = nil) async throws -> (RedisConnection, isBack: Bool) {
        if let held = open.withLock({ $0 }), await held.isFresh() { return (held, false) }
        let (loss, wasDown) = (loss, session.state.isDown)
        drop()
        do {
            let connection = try await connect(within: limit)
            if let loss { throw loss }
            return (connection, wasDown)
        } catch {
            if let error = error as? RedisError, error.kind != .cancelled {
                session.update { $0.isDown = error.isServerUnreachable }
            }
            throw loss ?? error
        }
    }

    private func connect(within limit: Duration?) async throws -> RedisConnection {
        var configuration = session.state.configuration
        if let limit { configuration.connectTimeout = min(configuration.connectTimeout, limit) }
        let connection = try await RedisConnection.connect(to: configuration, name: "redstream:shell")
        open.withLock { $0 = connection }
        session.update { $0.isDown = false }
        return connection
    }

    /// Closes the connection, and a transaction with it.
    func drop() {
        open.withLock { $0.take() }?.close()
        session.update {
            $0.transaction = nil
            $0.isWatching = false
        }
    }

    /// The result of a check before a prompt.
    struct Check: Sendable {
        /// The failure of a transaction that was lost with the connection; nil if there was none.
        var loss: Failure?
        /// The server that is back after it could not be reached; nil if none is.
        var backAt: String?
    }

    /// Replaces a connection that the server has closed while nothing was asked of it, and tries once to reach a server
    /// that was away, so that the prompt tells the truth.
    func check() async -> Check {
        guard open.withLock({ $0 }) != nil || session.state.isDown else { return Check() }
        do {
            let (connection, isBack) = try await self.connection(within: Self.promptTime)
            return Check(backAt: isBack ? connection.address : nil)
        } catch {
            return Check(loss: error as? Failure)
        }
    }

    /// The failure to tell if the connection is lost now.
    private var loss: Failure? {
        let state = session.state
        if state.isInTransaction { return Self.lostTransaction }
        return state.isWatching ? Self.lostWatch : nil
    }
}
