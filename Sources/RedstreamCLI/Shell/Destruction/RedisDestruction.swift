import Redstream
import RedstreamConnection
import RedstreamSystem

/// The loss that a command of Redis causes.
struct RedisDestruction: Sendable, Equatable {
    /// The unit in which the loss is counted.
    enum Measure: Sendable, Equatable {
        case none
        case keysOfAllDatabases
        case keysOfDatabase
        case keys([String])
        case entries(String)
        case ids(Int)
        case excess(String, over: Int)
        case pending(key: String, group: String)
    }

    /// The command's name as it is shown.
    let name: String
    /// The effect in words, with `#` in place of the number.
    let effect: String
    let measure: Measure

    /// Families of commands that act on the server: the effect, and the members that change nothing or only add.
    ///
    /// Any other member is asked about, known here or not.
    private static let families: [String: (effect: String, harmless: Set<String>)] = [
        "ACL": (
            "changes who may do what",
            ["CAT", "DRYRUN", "GENPASS", "GETUSER", "LIST", "LOG", "SAVE", "USERS", "WHOAMI"]
        ),
        "CLUSTER": (
            "changes which server has which keys",
            [
                "COUNT-FAILURE-REPORTS", "COUNTKEYSINSLOT", "GETKEYSINSLOT", "INFO", "KEYSLOT", "LINKS", "MYID",
                "MYSHARDID", "NODES", "REPLICAS", "SAVECONFIG", "SHARDS", "SLAVES", "SLOT-STATS", "SLOTS",
            ]
        ),
        "CONFIG": ("changes how the server runs, for everybody", ["GET", "RESETSTAT"]),
        "FUNCTION": ("removes or replaces what others may be about to call", ["DUMP", "KILL", "LIST", "STATS"]),
        "MODULE": ("changes which commands there are, for everybody", ["LIST"]),
        "SCRIPT": ("removes what others may be about to call", ["DEBUG", "EXISTS", "KILL", "LOAD", "SHOW"]),
    ]

    /// Judges a command; nil if it destroys nothing.
    init?(_ words: [String]) {
        let name = words[0].uppercased()
        let second = words.count > 1 ? words[1].uppercased() : ""
        let key = words.count > 1 ? words[1] : ""
        func has(_ option: String) -> Bool { words.dropFirst(2).contains { $0.uppercased() == option } }
        let found: (String, String, Measure)
        switch (name, second) {
        case ("FLUSHALL", _): found = (name, "removes # of all databases", .keysOfAllDatabases)
        case ("FLUSHDB", _): found = (name, "removes # of this database", .keysOfDatabase)
        case ("DEL", _), ("UNLINK", _): found = (name, "removes #", .keys(Array(words.dropFirst())))
        case ("GETDEL", _): found = (name, "removes #", .keys([key]))
        case ("XTRIM", _): found = (name, "removes entries of \(key), which has #", .entries(key))
        case ("XDEL", _): found = (name, "removes # of \(key)", .ids(max(words.count - 2, 0)))
        case ("XSETID", _): found = (name, "changes the last id of \(key), which has #", .entries(key))
        case ("XGROUP", "DESTROY") where words.count > 3:
            found = (
                "XGROUP DESTROY", "removes the group \(words[3]) of \(words[2]) with #",
                .pending(key: words[2], group: words[3])
            )
        case ("XADD", _) where has("MAXLEN"):
            guard let limit = Self.limit(in: words) else { return nil }
            found = ("XADD … MAXLEN \(limit)", "also removes # of \(key)", .excess(key, over: limit))
        case ("XADD", _) where has("MINID"):
            found = ("XADD … MINID", "also removes entries of \(key), which has #", .entries(key))
        case ("XGROUP", "SETID") where words.count > 4:
            found = ("XGROUP SETID", "moves \(words[3]) in \(words[2]): entries are skipped or delivered again", .none)
        case ("XGROUP", "DELCONSUMER") where words.count > 4:
            found = ("XGROUP DELCONSUMER", "removes the consumer \(words[4]) and what is pending for it", .none)
        // The text of a script does not tell which commands it will send.
        case ("EVAL", _), ("EVALSHA", _): found = (name, "runs a script, which may change or remove anything", .none)
        case ("FCALL", _): found = (name, "runs a function, which may change or remove anything", .none)
        case ("MIGRATE", _) where !words.contains { $0.uppercased() == "COPY" }:
            found = (name, "removes from this server what it copies to another", .none)
        case ("EXPIRE", _), ("PEXPIRE", _):
            guard words.count > 2, let time = Int(words[2]), time <= 0 else { return nil }
            found = ("\(name) … \(time)", "removes #", .keys([key]))
        case ("EXPIREAT", _), ("PEXPIREAT", _):
            // The server's clock may be another by a little.
            let soon = (Int(exactly: time(nil)) ?? 0) + 60
            guard words.count > 2, let time = Int(words[2]), time / (name == "EXPIREAT" ? 1 : 1000) <= soon
            else { return nil }
            found = ("\(name) … \(time)", "removes # whose time is past", .keys([key]))
        case ("SHUTDOWN", _): found = (name, "stops the server, for everybody", .none)
        case ("SWAPDB", _): found = (name, "exchanges two databases, for all clients", .none)
        case ("DEBUG", _): found = (name, "can stop or crash the server", .none)
        case ("FAILOVER", _), ("REPLICAOF", _), ("SLAVEOF", _):
            found = (name, "changes which server is the primary; a replica drops its own data", .none)
        case ("CONFIG", "REWRITE"):
            found = ("CONFIG REWRITE", "overwrites the server's configuration file", .none)
        case ("CLUSTER", "REPLICATE"):
            found = ("CLUSTER REPLICATE", "makes the server a replica, which drops its own data", .none)
        case ("FUNCTION", "LOAD") where !has("REPLACE"): return nil
        case ("CLIENT", "KILL"): found = ("CLIENT KILL", "cuts connections of others", .none)
        case ("CLIENT", "PAUSE"): found = ("CLIENT PAUSE", "holds up the commands of others", .none)
        default:
            guard let family = Self.families[name], words.count > 1, second != "HELP", !family.harmless.contains(second)
            else { return nil }
            found = ("\(name) \(second)", family.effect, .none)
        }
        (self.name, effect, measure) = found
    }

    /// The number behind MAXLEN, `=` or `~` in between.
    private static func limit(in words: [String]) -> Int? {
        words.firstIndex { $0.uppercased() == "MAXLEN" }.flatMap { place in
            words[(place + 1)...].prefix(2).lazy.compactMap { Int($0) }.first
        }
    }

    /// True if the command changes nothing when it finds nothing.
    var isHarmlessWhenEmpty: Bool {
        switch measure {
        case .keys, .ids, .excess, .keysOfDatabase, .keysOfAllDatabases: true
        case .none, .entries, .pending: false
        }
    }

    /// Returns the question; without a number where it is not known.
    func text(count: Int?, entries: Int? = nil) -> String {
        let nouns: (one: String, many: String) =
            switch measure {
            case .none, .keysOfAllDatabases, .keysOfDatabase, .keys: ("key", "keys")
            case .entries, .ids, .excess: ("entry", "entries")
            case .pending: ("pending entry", "pending entries")
            }
        let amount =
            count.map { $0.counted(nouns.one, nouns.many) } ?? "an unknown number of \(nouns.many)"
        var text = "\(name) " + effect.split(separator: "#", omittingEmptySubsequences: false).joined(separator: amount)
        if case .keys(let keys) = measure, keys.count <= 3 { text += " (\(keys.joined(separator: ", ")))" }
        if let entries { text += " with \(entries.counted("entry", "entries"))" }
        return text
    }

    /// The keys that are concerned; none if a whole database is.
    var keys: [String] {
        switch measure {
        case .none, .keysOfAllDatabases, .keysOfDatabase, .ids: []
        case .keys(let keys): keys
        case .entries(let key), .excess(let key, _), .pending(let key, _): [key]
        }
    }

    /// Counts the entries of the streams among the keys that would go; nil where there is no stream.
    func entries(on connection: RedisConnection) async -> Int? {
        guard case .keys(let keys) = measure else { return nil }
        var total: Int?
        for key in keys where (try? await connection.call("TYPE", key).string) == "stream" {
            if let length = try? await connection.call("XLEN", key).integer { total = (total ?? 0) + length }
        }
        return total
    }

    /// Counts what would go: O(keys named), or O(databases).
    func measure(on connection: RedisConnection) async throws -> Int? {
        switch measure {
        case .none: return nil
        case .ids(let count): return count
        case .keysOfDatabase: return try await connection.call("DBSIZE").integer
        case .keys(let keys): return try await connection.call("EXISTS", keys.map { $0 as any RedisArgument }).integer
        case .excess(let key, let limit):
            return try await connection.call("XLEN", key).integer.map { max($0 + 1 - limit, 0) }
        case .entries(let key): return try await connection.call("XLEN", key).integer
        case .keysOfAllDatabases:
            let info = try await connection.call("INFO", "keyspace").string ?? ""
            return info.split(whereSeparator: \.isNewline).reduce(0) { total, line in
                guard let start = line.firstRange(of: "keys=")?.upperBound else { return total }
                return total + (Int(line[start...].prefix { $0.isNumber }) ?? 0)
            }
        case .pending(let key, let group):
            return try await connection.call("XPENDING", key, group).elements.first?.integer
        }
    }
}
