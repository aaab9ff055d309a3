public import Logging
// An application needs no second import: not for an address, and not for an error.
@_exported public import RedstreamConnection
import Synchronization

/// The streams of one namespace on one Redis: what producers, consumers, delayers and trimmers share.
///
/// It renews their leases, and names their keys. One for an application is enough; the pool
/// may be the application's own.
///
/// ```swift
/// let client = StreamClient(RedisConfiguration(), namespace: "shop")
/// try await Producer(client).queue([OutgoingMessage(payload: #"{"id":1}"#.utf8)], on: "products")
/// ```
public final class StreamClient: Sendable {
    /// Connections for short commands.
    public let pool: RedisPool
    /// The names of the namespace's keys.
    public let keys: Keyspace
    /// The logger of the services; it never gets payloads or passwords.
    public let logger: Logger
    let leases: LeaseManager
    /// The outages that were logged, for all services of the client.
    let outages = Mutex(OutageNews())
    let handlerOutages = HandlerOutages()
    /// The streams whose names were registered on the server, and when.
    let registeredStreams = Mutex<[ExactText: ContinuousClock.Instant]>([:])
    /// True if the user has no right to the sets of consumers.
    let mayNotRegister = Atomic(false)
    let missingRightWasLogged = Atomic(false)
    let evictionWasChecked = Atomic(false)

    /// Creates a client over a pool, which may be shared with other code.
    ///
    /// Nothing is sent before the first use.
    ///
    /// - Parameters:
    ///   - pool: Connections for short commands. Waiting readers open their own.
    ///   - namespace: What all keys start with; nil for none.
    ///   - logger: Where services say what they do; nothing is logged by default.
    public init(
        pool: RedisPool, namespace: String? = nil,
        logger: Logger = Logger(label: "redstream", factory: { _ in SwiftLogNoOpLogHandler() })
    ) {
        self.pool = pool
        keys = Keyspace(namespace: namespace)
        self.logger = logger
        leases = LeaseManager(pool)
    }

    /// Creates a client with a pool of its own.
    public convenience init(
        _ configuration: RedisConfiguration, namespace: String? = nil,
        pool settings: RedisPool.Settings = .init(),
        logger: Logger = Logger(label: "redstream", factory: { _ in SwiftLogNoOpLogHandler() })
    ) {
        self.init(pool: RedisPool(configuration, settings: settings), namespace: namespace, logger: logger)
    }

    /// The server's clock, in milliseconds since 1970, from TIME: the clock that entry ids are made of.
    ///
    /// - Parameter stream: The stream whose entries are meant, which in a cluster have the clock of its node; nil where
    ///   any node's will do.
    /// - Returns: The milliseconds.
    /// - Throws: `RedisError`.
    public func serverTime(of stream: String? = nil) async throws -> UInt64 {
        try await pool.withConnection(for: stream.map { keys.stream($0) }) {
            try Self.milliseconds(of: try await $0.call("TIME"))
        }
    }

    /// Refuses a stream whose keys a cluster would keep apart.
    ///
    /// - Throws: ``RedstreamError/splitKeys(_:)``; nothing where there is no cluster.
    package func requireOneSlot(of stream: String) throws {
        guard pool.cluster != nil, let split = keys.splitKeys(of: stream) else { return }
        throw RedstreamError.splitKeys(split)
    }

    static func milliseconds(of time: RedisReply) throws -> UInt64 {
        let parts = time.elements.compactMap(\.integer)
        guard parts.count == 2 else { throw RedstreamError.unexpectedReply(to: "TIME") }
        return UInt64(parts[0]) * 1000 + UInt64(parts[1] / 1000)
    }
}
