import RedisClient

/// What a key holds, as a question before it goes tells it.
struct KeyContent: Sendable, Equatable {
    /// The type, as TYPE tells it; `none` where there is no such key.
    var type: String
    /// How many entries, elements, members or fields; nil where that cannot be told.
    var count: Int?

    /// Whether there is nothing to lose.
    var isEmpty: Bool { type == "none" }

    /// Looks at a key: O(1).
    static func of(_ key: RedisKey, on connection: RedisConnection) async throws -> KeyContent {
        let type = try await connection.call("TYPE", key).string ?? "none"
        let sizes = ["stream": "XLEN", "list": "LLEN", "set": "SCARD", "zset": "ZCARD", "hash": "HLEN"]
        guard let command = sizes[type] else { return KeyContent(type: type) }
        return KeyContent(type: type, count: try await connection.call(command, key).integer)
    }

    /// The size in words: `a stream of 3 entries`.
    var description: String {
        guard let count else { return type == "string" ? "a string" : "a \(type)" }
        let nouns = ["stream": ("entry", "entries"), "hash": ("field", "fields"), "list": ("element", "elements")]
        let noun = nouns[type] ?? ("member", "members")
        return "a \(type == "zset" ? "sorted set" : type) of \(Destruction.count(count, noun.0, plural: noun.1))"
    }
}
