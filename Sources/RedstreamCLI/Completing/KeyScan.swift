import Redstream
import RedstreamConnection

/// A SCAN of a database, or of each primary of a cluster, in steps that hold a server up for about a millisecond each;
/// never KEYS.
struct KeyScan: Sendable {
    private let pattern: RedisKey
    private let type: String?
    private let name: @Sendable (RedisKey) -> RedisKey?
    /// The list of names that makes the scan needless where it is whole; nil for none.
    private let index: NameIndex?
    private var cursor = "0"
    /// The servers that are still to be scanned, the present one first; nil before the first step.
    private var servers: [BlockingRedisConnection.Primary]?
    /// The keys found so far, or what was made of them.
    private(set) var found = Set<RedisKey>()
    /// True if all keys were looked at.
    private(set) var isComplete = false

    /// Begins a scan for the keys that match a pattern, of one type where one is named.
    ///
    /// `name` maps a key to the name that is wanted, which many keys may share.
    init(
        matching pattern: RedisKey, type: String? = nil, orIn index: NameIndex? = nil,
        _ name: @escaping @Sendable (RedisKey) -> RedisKey? = { $0 }
    ) {
        self.index = index
        self.pattern = pattern
        self.type = type
        self.name = name
    }

    /// Looks at the next thousand keys.
    ///
    /// - Throws: `RedisError`, also where the server answers anything else.
    mutating func step(on connection: BlockingRedisConnection, timeout: Duration) throws(RedisError) {
        let servers = if let servers { servers } else { try connection.primaries(within: timeout) }
        self.servers = servers
        guard let server = servers.first else {
            isComplete = true
            return
        }
        if cursor == "0", let index, servers.count == 1 {
            let replies = try connection.execute(index.pipeline, at: server, timeout: timeout)
            if let keys = index.keys(in: replies) {
                found = Set(keys)
                isComplete = true
                return
            }
        }
        var words: [any RedisArgument] = ["SCAN", cursor, "MATCH", pattern, "COUNT", "1000"]
        if let type { words += ["TYPE", type] as [any RedisArgument] }
        var pipeline = RedisPipeline()
        pipeline.append(words)
        let reply = try connection.execute(pipeline, at: server, timeout: timeout)[0].get()
        guard reply.elements.count == 2, let next = reply.elements[0].string else {
            throw RedisError(
                .protocolViolation, address: connection.address, cause: .unexpectedReply(to: "SCAN"))
        }
        cursor = next
        found.formUnion(reply.elements[1].elements.compactMap { $0.key.flatMap(name) })
        if cursor == "0" { self.servers?.removeFirst() }
        isComplete = self.servers?.isEmpty == true
    }
}
