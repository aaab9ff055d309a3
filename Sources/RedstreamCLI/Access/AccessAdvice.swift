import Redstream

/// The advice for a command that the server's ACL does not let a user run.
struct AccessAdvice: Sendable {
    /// The rights that the task at hand needs; nil where they are not known, as for a command of Redis's own.
    var rules: AccessRules?
    /// The keys for which it needs them; nil for those of all streams.
    var scope: AccessScope?
    /// The namespace that the task works in.
    var keyspace = Keyspace()
    /// The user of the ACL.
    var user: String

    /// The command that grants what is missing.
    ///
    /// Servers tell which command it is, but Redis 6.2 and 7.0 not where a script met the denial, and none tells the key.
    ///
    /// - Parameter denial: The server's words.
    /// - Returns: A sentence for a hint.
    func hint(for denial: String) -> String {
        let command = Self.command(in: denial)
        guard let rules else {
            return command.map { "\(grant(["+\($0)"])) grants it" } ?? "ACL GETUSER \(user) tells which rights it has"
        }
        if let command { return "\(grant(["+\(rule(for: command, in: rules))"])) grants it" }
        let isAboutKeys = denial.contains(" key")
        let words =
            isAboutKeys
            ? rules.keyWords(in: keyspace, of: scope) : rules.words(in: keyspace).filter { $0.begins(with: "+") }
        return "\(grant(words)) grants all that \(rules.task) needs"
    }

    private func grant(_ words: [String]) -> String {
        // redis-cli takes words with blanks in quotes, as a shell does.
        let words = words.map { word in
            let isPlain = !word.unicodeScalars.contains { $0.properties.isWhitespace || $0 == "'" || $0 == "\"" }
            return isPlain ? word : ShellText.quoted(word)
        }
        return "ACL SETUSER \(user) \(words.joined(separator: " "))"
    }

    /// The rule that lets a command run: of the subcommand that is needed, where the server names only its container.
    private func rule(for command: String, in rules: AccessRules) -> String {
        let known = rules.commands + rules.additions.flatMap(\.commands) + AccessRules.connecting
        return known.first { $0 == command } ?? known.first { $0.begins(with: "\(command)|") } ?? command
    }

    /// The command that a denial names, as in `to run the 'xinfo|stream' command`.
    static func command(in denial: String) -> String? {
        guard let start = denial.utf8.firstRange(of: "run the '".utf8)?.upperBound,
            let end = denial.utf8[start...].firstIndex(of: UInt8(ascii: "'"))
        else { return nil }
        return String(denial[start..<end])
    }
}
