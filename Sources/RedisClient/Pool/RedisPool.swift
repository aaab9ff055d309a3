import Synchronization

/// Keeps connections open and lends each to one caller at a time.
///
/// What may block on the server (XREAD BLOCK, BRPOP) uses ``withOwnConnection(name:for:_:)``, which is outside of the
/// pool's size, so that waiting readers never starve short commands.
///
/// ```swift
/// let pool = RedisPool(RedisConfiguration(), settings: .init(size: 4))
/// let length = try await pool.withConnection(for: key) { try await $0.call("XLEN", key).integer }
/// ```
///
/// A connection is asked for by the key that the commands are about. In a cluster it goes to the node that serves the
/// key; elsewhere the key does not matter.
public final class RedisPool: Sendable {
    /// How many connections a pool keeps, and how long a caller waits for one.
    public struct Settings: Sendable, Equatable {
        /// The most connections open at once for short commands; 8 by default, at least 1; in a cluster, to each node.
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
    /// What is known of the cluster; nil where there is none.
    package let cluster: ClusterTopology?
    /// Idle connections, by the node of a cluster.
    private let shelves = Mutex<[RedisConfiguration.Host?: ConnectionShelf]>([:])

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
        cluster = ClusterTopology(configuration)
    }

    /// Lends a connection for the time of `body`.
    ///
    /// A connection that broke meanwhile is closed, not lent again.
    ///
    /// - Parameters:
    ///   - key: The key that the commands are about, or another of its slot; nil where they are about none.
    ///   - body: What to do with it.
    /// - Returns: What `body` returned.
    /// - Throws: ``RedisError`` of kind `poolExhausted` when none became free in time, what connecting throws,
    ///   what `body` throws; `CancellationError` when cancelled while waiting. In a cluster also the code `CLUSTERDOWN` where
    ///   no node serves the key, as CLUSTER SLOTS tells.
    public func withConnection<Value>(
        for key: RedisKey?, _ body: (RedisConnection) async throws -> Value
    ) async throws -> Value {
        try await withConnection(to: ServerRoute.Target(key: key), body)
    }

    /// Lends a connection for commands about a key whose name is text; see ``withConnection(for:_:)``.
    public func withConnection<Value>(
        for key: String, _ body: (RedisConnection) async throws -> Value
    ) async throws -> Value {
        try await withConnection(for: RedisKey(key), body)
    }

    /// Lends a connection to each server that has a part of the keys, one after the other: to every primary of a cluster,
    /// as it is now, and to the one server elsewhere.
    ///
    /// A cluster is asked by CLUSTER SLOTS each time, over a connection of its own. A slot that moves meanwhile may be met
    /// twice or not at all: whoever needs all of the keys asks again.
    ///
    /// A node that has become a replica, whose keys may be old, is an error that a retry mends: ROLE tells, where the user
    /// may ask.
    ///
    /// - Parameter body: What to do with each.
    /// - Returns: What `body` returned, for each.
    /// - Throws: As ``withConnection(for:_:)``.
    public func withEachPrimary<Value>(_ body: (RedisConnection) async throws -> Value) async throws -> [Value] {
        guard let cluster else { return [try await withConnection(to: .any, body)] }
        var values: [Value] = []
        for node in try await cluster.primaries() {
            let value = try await withConnection(to: .node(node)) { connection in
                let role = try await connection.execute(RedisPipeline("ROLE"))[0]
                // A user who may not ask trusts what the nodes have said of each other.
                guard role.kind == .error || role.elements.first?.string == "master" else {
                    cluster.distrust()
                    throw RedisError.notPrimary(node.description)
                }
                return try await body(connection)
            }
            values.append(value)
        }
        return values
    }

    /// Opens a connection for the time of `body` alone, for commands that block on the server.
    ///
    /// - Parameters:
    ///   - name: What CLIENT LIST shows: who waits, and for what.
    ///   - key: The key that the commands are about, or another of its slot; nil where they are about none.
    ///   - body: What to do with it.
    /// - Returns: What `body` returned.
    /// - Throws: What connecting throws, and what `body` throws.
    public func withOwnConnection<Value>(
        name: String, for key: RedisKey?, _ body: (RedisConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await connect(name: name, for: key)
        defer { connection.close() }
        return try await body(connection)
    }

    /// Opens a connection for commands about a key whose name is text; see ``withOwnConnection(name:for:_:)``.
    public func withOwnConnection<Value>(
        name: String, for key: String, _ body: (RedisConnection) async throws -> Value
    ) async throws -> Value {
        try await withOwnConnection(name: name, for: RedisKey(key), body)
    }

    /// The node of a cluster that serves a key; nil where there is no cluster.
    package func node(of key: RedisKey) async throws -> RedisConfiguration.Host? {
        try await cluster?.host(for: ServerRoute.Target(key: key))
    }

    /// Opens a connection that the caller closes.
    package func connect(name: String, for key: RedisKey?) async throws -> RedisConnection {
        try await RedisConnection.connect(along: route(to: ServerRoute.Target(key: key)), name: name)
    }

    /// Closes idle connections; those lent out are closed when they come back.
    public func close() {
        let all = shelves.withLock { shelves in
            // Those that are asked for later are not kept either.
            isClosed.store(true, ordering: .relaxed)
            return Array(shelves.values)
        }
        for shelf in all { shelf.close() }
    }

    private let isClosed = Atomic(false)

    private func route(to target: ServerRoute.Target) -> ServerRoute {
        ServerRoute(configuration: configuration, cluster: cluster, target: target)
    }

    private func withConnection<Value>(
        to target: ServerRoute.Target, _ body: (RedisConnection) async throws -> Value
    ) async throws -> Value {
        let node = try await cluster?.host(for: target)
        let shelf = shelf(of: node)
        // Any node was meant: the one that the shelf is of.
        let connection = try await borrow(target == .any ? node.map { .node($0) } ?? .any : target, from: shelf)
        do {
            let value = try await body(connection)
            await giveBack(connection, to: shelf, of: node)
            return value
        } catch {
            await giveBack(connection, to: shelf, of: node)
            throw error
        }
    }

    private func shelf(of node: RedisConfiguration.Host?) -> ConnectionShelf {
        shelves.withLock { shelves in
            if let shelf = shelves[node] { return shelf }
            let shelf = ConnectionShelf(size: settings.size)
            if isClosed.load(ordering: .relaxed) { shelf.close() }
            removeDeparted(from: &shelves)
            shelves[node] = shelf
            return shelf
        }
    }

    /// Closes what goes to nodes that are none of the cluster's any more.
    private func removeDeparted(from shelves: inout [RedisConfiguration.Host?: ConnectionShelf]) {
        guard let cluster else { return }
        for (node, shelf) in shelves where node.map(cluster.knows) == false {
            shelf.close()
            shelves[node] = nil
        }
    }

    private func borrow(_ target: ServerRoute.Target, from shelf: ConnectionShelf) async throws -> RedisConnection {
        guard let grant = try await shelf.take(waitingAtMost: settings.waitTimeout) else {
            throw RedisError(
                .poolExhausted, address: configuration.address.description,
                cause: .poolExhausted(size: settings.size, wait: settings.waitTimeout))
        }
        if case .idle(let connection) = grant {
            // The server may have gone, or closed an idle client, while the connection lay here.
            if await connection.isFresh() { return connection }
            connection.close()
        }
        do {
            return try await RedisConnection.connect(along: route(to: target), name: name)
        } catch {
            shelf.discard()
            throw error
        }
    }

    private func giveBack(
        _ connection: RedisConnection, to shelf: ConnectionShelf, of node: RedisConfiguration.Host?
    ) async {
        // One that has followed its key to another node has no place here.
        if await connection.isUsable, connection.node == node {
            shelf.put(connection)
        } else {
            connection.close()
            shelf.discard()
        }
    }
}
