import Redstream
import RedstreamConnection
import Synchronization

/// The effects of commands on the keys that they name, as the server itself tells.
///
/// Redis 7.0 and newer describes each key of a command: whether its content is removed, shown, or replaced. So commands
/// that are newer than this tool are judged too. For an older server there is a table.
final class KeyEffects: Sendable {
    /// The effect of a command on one key.
    struct Effect: Sendable, Equatable {
        enum Kind: Sendable, Equatable {
            /// Some or all of its content is removed, and not shown.
            case loses
            /// Its content is replaced.
            case replaces
        }

        var key: String
        var kind: Kind
    }

    private let session: ShellSession
    /// The verdict on each command that was judged, by name; the server is the session's.
    private let verdicts = Mutex<[String: Verdict]>([:])

    private struct Verdict: Sendable, Equatable {
        enum Question: Sendable, Equatable {
            case nobody
            case server
            case table
        }

        /// The source that tells the effect on the keys.
        var question: Question
        /// True if it may change anything.
        var writes: Bool
    }

    init(_ session: ShellSession) {
        self.session = session
    }

    /// Returns the effects of a command line; none for most.
    func effects(of words: [String]) async -> [Effect] {
        let name = words[0].lowercased()
        // Families have nothing that `RedisDestruction` would not know, and are described too deep for hiredis 0.14.
        guard words.count > 1, RedisContainers.subcommands[name] == nil, name != "xautoclaim" else { return [] }
        // It shows members that the user did not choose.
        if name == "spop" { return [Effect(key: words[1], kind: .loses)] }
        switch await verdict(name)?.question {
        case .nobody: return []
        case .table, nil: return Self.effectsByTable(of: words)
        case .server:
            let arguments = (["GETKEYSANDFLAGS"] + words).map { $0 as any RedisArgument }
            let reply = try? await session.client.pool.withConnection(for: nil) {
                try await $0.call("COMMAND", arguments)
            }
            return reply.map { Self.effects($0, of: words) } ?? Self.effectsByTable(of: words)
        }
    }

    /// Returns whether a command may take from the server what its reply shows, or add a name to it; so may one that
    /// cannot be judged.
    func mayChange(_ words: [String]) async -> Bool {
        let name = words[0].lowercased()
        switch name {
        // The server does not know what a script will do.
        case "eval", "evalsha", "fcall", "xautoclaim", "xgroup": return true
        // The other families take nothing.
        case _ where RedisContainers.subcommands[name] != nil: return false
        default: return await verdict(name)?.writes ?? true
        }
    }

    /// The verdict on a command; nil if the server does not tell.
    private func verdict(_ name: String) async -> Verdict? {
        let id = "\(session.state.configuration.address) \(name)"
        if let known = verdicts.withLock({ $0[id] }) { return known }
        let verdict = try? await session.client.pool.withConnection(for: nil) { connection in
            Self.verdict(try await connection.call("COMMAND", "INFO", name))
        }
        verdicts.withLock { $0[id] = verdict }
        return verdict
    }

    private static func verdict(_ reply: RedisReply) -> Verdict {
        guard let entry = reply.elements.first, entry.kind == .array else {
            return Verdict(question: .nobody, writes: false)
        }
        let writes = entry.elements.count > 2 && entry.elements[2].elements.contains { $0.string == "write" }
        return Verdict(question: question(entry), writes: writes)
    }

    private static func question(_ entry: RedisReply) -> Verdict.Question {
        // Redis 6.2 tells no more than the places of the keys.
        guard entry.elements.count > 8 else { return .table }
        for specification in entry.elements[8].elements {
            let parts = specification.elements
            guard let place = parts.firstIndex(where: { $0.string == "flags" }), place + 1 < parts.count else {
                continue
            }
            let flags = parts[place + 1].elements.compactMap(\.string)
            if kind(flags) != nil || flags.contains("variable_flags") { return .server }
        }
        return .nobody
    }

    private static func kind(_ flags: [String]) -> Effect.Kind? {
        // Content that the reply shows is not lost: LPOP, GETDEL, RENAME's source.
        if flags.contains("RM") || flags.contains("delete") { return flags.contains("access") ? nil : .loses }
        return flags.contains("OW") && flags.contains("update") ? .replaces : nil
    }

    private static func effects(_ reply: RedisReply, of words: [String]) -> [Effect] {
        reply.elements.compactMap { pair in
            guard pair.elements.count == 2, let key = pair.elements[0].string,
                let kind = kind(pair.elements[1].elements.compactMap(\.string)), happens(kind, words)
            else { return nil }
            return Effect(key: key, kind: kind)
        }
    }

    /// Returns whether a command that may replace does so: some do only where they are told to.
    private static func happens(_ kind: Effect.Kind, _ words: [String]) -> Bool {
        guard kind == .replaces else { return true }
        let options = Set(words.dropFirst(2).map { $0.uppercased() })
        return switch words[0].lowercased() {
        case "copy", "restore": options.contains("REPLACE")
        case "set": !options.contains("NX") && !options.contains("GET")
        default: true
        }
    }

    /// Returns the effects by the table, as known of Redis 6.2.
    static func effectsByTable(of words: [String]) -> [Effect] {
        let name = words[0].lowercased()
        let place: Int?
        var kind = Effect.Kind.replaces
        switch name {
        case "hdel", "lrem", "ltrim", "srem", "zrem", "zremrangebylex", "zremrangebyrank", "zremrangebyscore":
            place = 1
            kind = .loses
        case "set", "setex", "psetex", "restore", "sdiffstore", "sinterstore", "sunionstore", "zdiffstore",
            "zinterstore", "zunionstore", "zrangestore", "geosearchstore":
            place = 1
        case "rename", "copy", "bitop": place = 2
        case "sort", "georadius", "georadiusbymember":
            place = words.lastIndex { ["store", "storedist"].contains($0.lowercased()) }.map { $0 + 1 }
        case "mset":
            return stride(from: 1, to: words.count, by: 2).map { Effect(key: words[$0], kind: .replaces) }
        default: place = nil
        }
        guard let place, place < words.count, happens(kind, words) else { return [] }
        return [Effect(key: words[place], kind: kind)]
    }
}

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
