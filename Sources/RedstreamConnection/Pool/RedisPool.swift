import Synchronization

/// Keeps connections open and lends each to one caller at a time.
///
/// Commands that may block on the server (XREAD BLOCK, BRPOP) use `withOwnConnection(name:for:_:)`, which is outside of
/// the pool's size, so that waiting readers never starve short commands.
///
/// ```swift
/// let pool = RedisPool(RedisConfiguration(), settings: .init(size: 4))
/// let length = try await pool.withConnection(for: key) { try await $0.call("XLEN", key).integer }
/// ```
///
/// A connection is asked for by the key that the commands are about. In a cluster it goes to the node that serves the
/// key; elsewhere the key does not matter.
public final class RedisPool: Sendable {
    /// The number of connections of a pool, and the longest wait for one.
    public struct Settings: Sendable, Equatable {
        /// The most connections open at once for short commands; 8 by default, at least 1; in a cluster, to each node.
        public var size: Int
        /// The longest wait for a connection, after which `poolExhausted` is thrown; 5 s by default.
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
    /// The number of connections, and the longest wait for one.
    public let settings: Settings
    private let name: String
    /// The topology of the cluster; nil without one.
    package let cluster: ClusterTopology?
    /// Idle connections, by the node of a cluster.
    private let slots = Mutex<[RedisConfiguration.Host?: ConnectionSlots]>([:])
    private let isClosed = Atomic(false)

    /// Creates a pool.
    ///
    /// No connection is opened before the first use.
    ///
    /// - Parameters:
    ///   - configuration: The server.
    ///   - settings: The pool's size and waiting time.
    ///   - name: The name that CLIENT LIST shows for the pool's connections.
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
    ///   - body: The work with the connection.
    /// - Returns: The result of `body`.
    /// - Throws: ``RedisError`` of kind `poolExhausted` when none became free in time, what connecting throws,
    ///   what `body` throws; `CancellationError` when cancelled while waiting. In a cluster also the code `CLUSTERDOWN` where
    ///   no node serves the key, as CLUSTER SLOTS tells.
    public func withConnection<Value>(
        for key: RedisKey?, _ body: (RedisConnection) async throws -> Value
    ) async throws -> Value {
        try await withConnection(to: ClusterTarget(key: key), body)
    }

    /// Lends a connection for commands about a key whose name is text; see `withConnection(for:_:)`.
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
    /// - Returns: The result of `body`, for each.
    /// - Throws: As `withConnection(for:_:)`.
    public func withEachPrimary<Value>(_ body: (RedisConnection) async throws -> Value) async throws -> [Value] {
        guard let cluster else { return [try await withConnection(to: .any, body)] }
        var values: [Value] = []
        for node in try await cluster.primaries() {
            let value = try await withConnection(to: .node(node)) { connection in
                let role = try await connection.execute(RedisPipeline("ROLE"))[0]
                // A user who may not ask trusts what the nodes have said of each other.
                guard role.kind == .error || role.elements.first?.string == "master" else {
                    cluster.invalidate()
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
    ///   - name: The name that CLIENT LIST shows: who waits, and for what.
    ///   - key: The key that the commands are about, or another of its slot; nil where they are about none.
    ///   - body: The work with the connection.
    /// - Returns: The result of `body`.
    /// - Throws: What connecting throws, and what `body` throws.
    public func withOwnConnection<Value>(
        name: String, for key: RedisKey?, _ body: (RedisConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await connect(name: name, for: key)
        defer { connection.close() }
        return try await body(connection)
    }

    /// Opens a connection for commands about a key whose name is text; see `withOwnConnection(name:for:_:)`.
    public func withOwnConnection<Value>(
        name: String, for key: String, _ body: (RedisConnection) async throws -> Value
    ) async throws -> Value {
        try await withOwnConnection(name: name, for: RedisKey(key), body)
    }

    /// The node of a cluster that serves a key; nil where there is no cluster.
    package func node(of key: RedisKey) async throws -> RedisConfiguration.Host? {
        try await cluster?.host(for: ClusterTarget(key: key))
    }

    /// Opens a connection that the caller closes.
    package func connect(name: String, for key: RedisKey?) async throws -> RedisConnection {
        try await connect(to: ClusterTarget(key: key), name: name)
    }

    /// Creates a connection for code that blocks, which shares the pool's topology of its cluster.
    ///
    /// - Parameters:
    ///   - configuration: The same server with other timeouts; nil for those of the pool.
    ///   - name: The name that CLIENT LIST shows.
    /// - Returns: The connection, which its first use opens.
    package func blockingConnection(
        _ configuration: RedisConfiguration? = nil, name: String
    ) -> BlockingRedisConnection {
        BlockingRedisConnection(configuration ?? self.configuration, cluster: cluster, name: name)
    }

    /// Closes idle connections; those lent out are closed when they come back.
    public func close() {
        let all = slots.withLock { slots in
            // Those that are asked for later are not kept either.
            isClosed.store(true, ordering: .relaxed)
            return Array(slots.values)
        }
        for slots in all { slots.close() }
    }

    private func connect(to target: ClusterTarget, name: String) async throws -> RedisConnection {
        try await RedisConnection.connect(to: target, of: configuration, cluster: cluster, name: name)
    }

    private func withConnection<Value>(
        to target: ClusterTarget, _ body: (RedisConnection) async throws -> Value
    ) async throws -> Value {
        let node = try await cluster?.host(for: target)
        let slots = slots(of: node)
        // For any node, connect to the node whose idle connections are looked through.
        let connection = try await borrow(target == .any ? node.map { .node($0) } ?? .any : target, from: slots)
        do {
            let value = try await body(connection)
            await giveBack(connection, to: slots, of: node)
            return value
        } catch {
            await giveBack(connection, to: slots, of: node)
            throw error
        }
    }

    private func slots(of node: RedisConfiguration.Host?) -> ConnectionSlots {
        slots.withLock { all in
            if let slots = all[node] { return slots }
            let slots = ConnectionSlots(size: settings.size)
            if isClosed.load(ordering: .relaxed) { slots.close() }
            removeDeparted(from: &all)
            all[node] = slots
            return slots
        }
    }

    /// Closes the connections to nodes that have left the cluster.
    private func removeDeparted(from all: inout [RedisConfiguration.Host?: ConnectionSlots]) {
        guard let cluster else { return }
        for (node, slots) in all where node.map(cluster.knows) == false {
            slots.close()
            all[node] = nil
        }
    }

    private func borrow(_ target: ClusterTarget, from slots: ConnectionSlots) async throws -> RedisConnection {
        guard let grant = try await slots.take(waitingAtMost: settings.waitTimeout) else {
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
            return try await connect(to: target, name: name)
        } catch {
            slots.discard()
            throw error
        }
    }

    private func giveBack(
        _ connection: RedisConnection, to slots: ConnectionSlots, of node: RedisConfiguration.Host?
    ) async {
        // One that has followed its key to another node has no place here.
        if await connection.isUsable, connection.node == node {
            slots.put(connection)
        } else {
            connection.close()
            slots.discard()
        }
    }
}
