import RedisClient

/// A SCAN of a database in steps that hold the server up for about a millisecond each; never KEYS.
struct KeyScan: Sendable {
    private let pattern: String
    private let type: String?
    private var cursor = "0"
    /// The keys found so far.
    private(set) var found = Set<String>()
    /// Whether all keys were looked at.
    private(set) var isComplete = false

    /// Begins a scan for the keys that match a pattern, of one type where one is named.
    init(matching pattern: String, type: String? = nil) {
        self.pattern = pattern
        self.type = type
    }

    /// Looks at the next thousand keys.
    ///
    /// - Throws: `RedisError`, also where the server answers anything else.
    mutating func step(on connection: BlockingRedisConnection, timeout: Duration) throws(RedisError) {
        var words = ["SCAN", cursor, "MATCH", pattern, "COUNT", "1000"]
        if let type { words += ["TYPE", type] }
        var pipeline = RedisPipeline()
        pipeline.append(words)
        let reply = try connection.execute(pipeline, timeout: timeout)[0]
        if let error = reply.error(from: connection.address) { throw error }
        guard reply.elements.count == 2, let next = reply.elements[0].string else {
            throw RedisError(
                .protocolViolation, address: connection.address, reason: "SCAN was answered by something else")
        }
        cursor = next
        found.formUnion(reply.elements[1].elements.compactMap(\.string))
        isComplete = cursor == "0"
    }
}
