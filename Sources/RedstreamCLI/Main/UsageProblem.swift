import ArgumentParser
import Redstream

/// Finds what is wrong with a command line that the parser refuses, where it names something else first.
enum UsageProblem {
    /// A failure that names a word nobody knows, and the one that was probably meant.
    ///
    /// The parser tells of a missing option before it tells of the misspelt one that was to be it.
    ///
    /// - Returns: The failure; nil where all names are known.
    static func misspelling(in arguments: [String]) -> Failure? {
        guard let name = arguments.first, !name.begins(with: "-") else { return nil }
        let grammar = Grammar()
        let names = grammar.commandNames
        guard let (command, length) = grammar.command(in: arguments) else {
            return names.contains(name) || name == "help"
                ? nil : failure("there is no command \(name)", name, names, help: "redstream --help")
        }
        let full = arguments.prefix(length).joined(separator: " ")
        if let word = arguments.dropFirst(length).first, !command.members.isEmpty, !word.begins(with: "-") {
            let members = command.members.map(\.commandName)
            return failure("there is no command \(full) \(word)", word, members, help: "redstream \(full) --help")
        }
        let known = command.arguments ?? []
        for word in arguments.dropFirst(length).prefix(while: { $0 != "--" }) where word.begins(with: "--") {
            if known.contains(where: { $0.isNamed(by: word) }) { continue }
            let option = String(word.unicodeScalars.prefix { $0 != "=" })
            let options = command.visibleArguments.compactMap { $0.longName.map { "--\($0)" } }
            return failure("\(full) has no option \(option)", option, options, help: "redstream \(full) --help")
        }
        return nil
    }

    private static func failure(_ message: String, _ word: String, _ candidates: [String], help: String) -> Failure {
        let meant = SpellCheck.closest(to: word, among: candidates)
        return Failure(
            .usage, SecretText.hidden(message), hint: meant.map { "did you mean \($0)?" } ?? help)
    }
}
