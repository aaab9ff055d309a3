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
        guard arguments.first?.begins(with: "-") == false else { return nil }
        let grammar = RedstreamCommand.grammar
        let (command, length) = grammar.command(in: arguments)
        let full = arguments.prefix(length).joined(separator: " ")
        let help = "\(["redstream", full].filter { !$0.isEmpty }.joined(separator: " ")) --help"
        if let word = arguments.dropFirst(length).first, !command.members.isEmpty, !word.begins(with: "-") {
            let members = (length == 0 ? command.shownMembers : command.members).map(\.name)
            guard length > 0 || word != "help" else { return nil }
            let name = arguments.prefix(length + 1).joined(separator: " ")
            return failure("there is no command \(name)", word, members, help: help)
        }
        for word in arguments.dropFirst(length).prefix(while: { $0 != "--" }) where word.begins(with: "--") {
            if command.arguments.contains(where: { $0.isNamed(by: word) }) { continue }
            let option = String(word.unicodeScalars.prefix { $0 != "=" })
            let options = command.shownArguments.compactMap { $0.longName.map { "--\($0)" } }
            return failure("\(full) has no option \(option)", option, options, help: help)
        }
        return nil
    }

    private static func failure(_ message: String, _ word: String, _ candidates: [String], help: String) -> Failure {
        let meant = SpellCheck.closest(to: word, among: candidates)
        return Failure(
            .usage, SecretText.hidden(message), hint: meant.map { "did you mean \($0)?" } ?? help)
    }
}
