import Redstream

/// The rights that a task needs on the server, and no more: what its user is to be given by ACL SETUSER.
struct AccessRules: Sendable {
    /// The rights that only some ways of doing the task need.
    struct Addition: Sendable {
        /// When they are needed, as in "with --wait-replicas".
        let occasion: String
        /// Commands, as in ``AccessRules/commands``.
        let commands: [String]
        /// Kinds of keys, as in ``AccessRules/keys``.
        var keys: [KeyKind] = []
    }

    /// Keys of one kind, all of which one pattern matches.
    enum KeyKind: Sendable {
        case streams, offsets, consumerLocks, trimmerLocks, delays, trimMarks, attempts, replays
    }

    /// The subcommand, with what tells it from others of the same name.
    let task: String
    /// The types of the library that do the same.
    let types: [String]
    /// Commands in lower case; `container|subcommand` where one subcommand is enough.
    let commands: [String]
    /// The kinds of keys that are touched.
    let keys: [KeyKind]
    /// The rights that some ways of doing it need beyond that.
    var additions: [Addition] = []

    /// Everything, as words of ACL SETUSER.
    ///
    /// - Parameters:
    ///   - keyspace: The namespace.
    ///   - includingAdditions: True if what only some ways need is among them.
    /// - Returns: Patterns of keys, then commands.
    func words(in keyspace: Keyspace, includingAdditions: Bool = true) -> [String] {
        let additions = includingAdditions ? additions : []
        return Self.words(
            keys: keys + additions.flatMap(\.keys), commands: commands + additions.flatMap(\.commands), in: keyspace)
    }

    /// The patterns of all keys that are touched, as words of ACL SETUSER.
    ///
    /// - Parameters:
    ///   - keyspace: The namespace.
    ///   - scope: The keys that are meant; nil for those of all streams.
    /// - Returns: Patterns, each once.
    func keyWords(in keyspace: Keyspace, of scope: AccessScope?) -> [String] {
        (keys + additions.flatMap(\.keys)).reduce(into: []) { words, kind in
            for pattern in scope?.patterns(of: kind, in: keyspace) ?? [kind.pattern(in: keyspace)] {
                let word = "~\(pattern)"
                if !words.contains(word) { words.append(word) }
            }
        }
    }

    /// Keys and commands as words of ACL SETUSER.
    static func words(keys: [KeyKind], commands: [String], in keyspace: Keyspace) -> [String] {
        keys.map { "~\($0.pattern(in: keyspace))" } + commands.sorted().map { "+\($0)" }
    }
}

extension AccessRules.KeyKind {
    /// The pattern of ACL that matches all of them in a namespace, those of locks with their lists of releases.
    func pattern(in keyspace: Keyspace) -> String {
        let all = ConsumerName(stream: "*", name: "*")
        let key =
            switch self {
            case .streams: keyspace.stream("*")
            case .offsets: keyspace.offset(all)
            case .consumerLocks: keyspace.lock(all).key
            case .trimmerLocks: keyspace.trimmerLock("*").key
            case .delays: keyspace.delay("*")
            case .trimMarks: keyspace.trimMark("*")
            case .attempts: keyspace.attempts(all)
            case .replays: keyspace.replays(all)
            }
        return keyspace.base.escapedForGlob + ":" + (key.name(after: keyspace.prefix) ?? "")
    }
}

/// The table as its page and the manual show it.
extension AccessRules {
    private static let keyspace = Keyspace()

    /// Words of ACL SETUSER with `<base>` in place of what a namespace makes of it.
    private static func general(_ words: [String]) -> [String] {
        words.map { word in word.removing(prefix: "~\(keyspace.base)").map { "~<base>\($0)" } ?? word }
    }

    /// The rights that the task always needs.
    var generalWords: [String] { Self.general(words(in: Self.keyspace, includingAdditions: false)) }

    /// The rights that some ways of doing it need too, and the occasion for each.
    var generalAdditions: [(occasion: String, words: [String])] {
        additions.map {
            ($0.occasion, Self.general(Self.words(keys: $0.keys, commands: $0.commands, in: Self.keyspace)))
        }
    }

    /// The lines of the table in the language of Markdown.
    static var markdown: [String] {
        func code(_ words: [String]) -> String {
            words.map { "`\($0.replacing("|", with: "\\|"))`" }.joined(separator: " ")
        }
        return ["| task | in the library | needs | and |", "|---|---|---|---|"]
            + table.map { rules in
                let additions = rules.generalAdditions.map { "\($0.occasion): \(code($0.words))" }
                let cells = [
                    rules.task, code(rules.types), code(rules.generalWords), additions.joined(separator: "; "),
                ]
                return "| \(cells.joined(separator: " | ")) |"
            }
    }
}
