import Redstream
import RedstreamConnection

/// The content of a key, for a question before the key goes.
struct KeyContent: Sendable, Equatable {
    /// The type, as TYPE tells it; `none` where there is no such key.
    var type: String
    /// The number of entries, elements, members or fields; nil where it is not known.
    var count: Int?

    /// True if there is nothing to lose.
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
        return "a \(type == "zset" ? "sorted set" : type) of \(count.counted(noun.0, noun.1))"
    }
}
