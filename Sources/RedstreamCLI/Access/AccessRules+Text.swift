import Redstream

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
