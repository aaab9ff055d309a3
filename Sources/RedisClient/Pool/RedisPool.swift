/// Keeps connections open and lends each to one caller at a time.
///
/// What may block on the server (XREAD BLOCK, BRPOP) uses ``withOwnConnection(name:_:)``, which is outside of the
/// pool's size, so that waiting readers never starve short commands.
///
/// ```swift
/// let pool = RedisPool(RedisConfiguration(), settings: .init(size: 4))
/// let length = try await pool.withConnection { try await $0.call("XLEN", key).integer }
/// ```
public final class RedisPool: Sendable {
    /// How many connections a pool keeps, and how long a caller waits for one.
    public struct Settings: Sendable, Equatable {
        /// The most connections open at once for short commands; 8 by default, at least 1.
        public var size: Int
        /// How long a caller waits for a connection before `poolExhausted` is thrown; 5 s by default.
        public var waitTimeout: Duration

        /// Creates settings.
        public init(size: Int = 8, waitTimeout: Duration = .seconds(5)) {
            precondition(size > 0, "a pool has room for one connection at least")
            self.size = size
            self.waitTimeout = waitTimeout
        }
    }

    /// The server that the pool's connections go to.
    public let configuration: RedisConfiguration
    /// How many connections, and how long to wait for one.
    public let settings: Settings
    private let name: String
    private let shelf: ConnectionShelf

    /// Creates a pool.
    ///
    /// No connection is opened before the first use.
    ///
    /// - Parameters:
    ///   - configuration: The server.
    ///   - settings: The pool's size and waiting time.
    ///   - name: What CLIENT LIST shows for the pool's connections.
    public init(_ configuration: RedisConfiguration, settings: Settings = Settings(), name: String = "redstream") {
        self.configuration = configuration
        self.settings = settings
        self.name = name
        shelf = ConnectionShelf(size: settings.size)
    }

    /// Lends a connection for the time of `body`.
    ///
    /// A connection that broke meanwhile is closed, not lent again.
    ///
    /// - Throws: ``RedisError`` of kind `poolExhausted` when none became free in time, what connecting throws,
    ///   what `body` throws; `CancellationError` when cancelled while waiting.
    public func withConnection<Value>(
        _ body: (RedisConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await borrow()
        do {
            let value = try await body(connection)
            await giveBack(connection)
            return value
        } catch {
            await giveBack(connection)
            throw error
        }
    }

    /// Opens a connection for the time of `body` alone, for commands that block on the server.
    ///
    /// - Parameters:
    ///   - name: What CLIENT LIST shows: who waits, and for what.
    ///   - body: What to do with it.
    /// - Returns: What `body` returned.
    /// - Throws: What connecting throws, and what `body` throws.
    public func withOwnConnection<Value>(
        name: String, _ body: (RedisConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await RedisConnection.connect(to: configuration, name: name)
        defer { connection.close() }
        return try await body(connection)
    }

    /// Closes idle connections; those lent out are closed when they come back.
    public func close() {
        shelf.close()
    }

    private func borrow() async throws -> RedisConnection {
        guard let grant = try await shelf.take(waitingAtMost: settings.waitTimeout) else {
            throw RedisError(
                .poolExhausted, address: configuration.address.description,
                reason:
                    "all \(settings.size) connections of the pool stayed in use for \(settings.waitTimeout)")
        }
        if case .idle(let connection) = grant {
            // The server may have gone, or closed an idle client, while the connection lay here.
            if await connection.isFresh() { return connection }
            connection.close()
        }
        do {
            return try await RedisConnection.connect(to: configuration, name: name)
        } catch {
            shelf.discard()
            throw error
        }
    }

    private func giveBack(_ connection: RedisConnection) async {
        if await connection.isUsable {
            shelf.put(connection)
        } else {
            connection.close()
            shelf.discard()
        }
    }
}
