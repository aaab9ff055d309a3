import ArgumentParser
import FoundationEssentials
import Redstream
import Synchronization

/// The arguments of the tool's own commands, as the parser describes them: the one table there is.
final class Grammar: Sendable {
    /// A command.
    struct Command: Decodable, Sendable {
        var commandName: String
        var abstract: String?
        var subcommands: [Command]?
        var arguments: [Argument]?

        /// The commands within it.
        var members: [Command] { (subcommands ?? []).filter { $0.commandName != "help" } }

        /// The options and flags of the names that are typed, and the positional arguments.
        var visibleArguments: [Argument] {
            (arguments ?? []).filter { $0.shouldDisplay && $0.longName != "help" && $0.longName != "version" }
        }
    }

    /// An option, a flag or a positional argument.
    struct Argument: Decodable, Sendable {
        /// A way to name an option.
        struct Name: Decodable, Sendable {
            var kind: String
            var name: String

            /// The name with its dashes.
            var text: String { kind == "long" ? "--\(name)" : "-\(name)" }
        }

        var kind: String
        var shouldDisplay: Bool
        var isOptional: Bool
        var isRepeating: Bool
        var names: [Name]?
        var valueName: String?
        var allValues: [String]?
        var completionKind: FileCompletion?

        /// True if it takes a path.
        var takesFile: Bool { completionKind?.isFile == true }
        /// The name after two dashes.
        var longName: String? { names?.first { $0.kind == "long" }?.name }
        /// True if a value follows the name.
        var takesValue: Bool { kind == "option" }

        /// Returns whether a word names it, as `--name` or `--name=value`.
        func isNamed(by word: String) -> Bool {
            let name = String(word.unicodeScalars.prefix { $0 != "=" })
            return (names ?? []).contains { $0.text == name }
        }
    }

    /// The kind of completion that the parser knows of.
    struct FileCompletion: Decodable, Sendable {
        var isFile: Bool

        private enum Key: String, CodingKey {
            case file
        }

        init(from decoder: any Decoder) throws {
            isFile = (try? decoder.container(keyedBy: Key.self).contains(.file)) == true
        }
    }

    private struct Tool: Decodable {
        var command: Command
    }

    private let loaded = Mutex<[Command]?>(nil)

    /// The subcommands; described when they are first asked for.
    var commands: [Command] {
        loaded.withLock { loaded in
            if let loaded { return loaded }
            let text = RedstreamCommand._dumpHelp()
            let tool = try? JSONDecoder().decode(Tool.self, from: Data(text.utf8))
            let commands = (tool?.command.subcommands ?? []).filter { $0.commandName != "help" }
            loaded = commands
            return commands
        }
    }

    /// The names of the subcommands.
    var commandNames: [String] {
        RedstreamCommand.configuration.subcommands.map { $0.configuration }.filter(\.shouldDisplay)
            .compactMap(\.commandName)
    }

    /// Returns whether there is a subcommand of that name.
    func hasCommand(_ name: String) -> Bool {
        commandNames.contains(name)
    }

    /// The subcommand of that name.
    func command(_ name: String) -> Command? {
        commands.first { $0.commandName == name }
    }

    /// The command that words begin with, one within another included, and how many words name it.
    func command(in words: some Collection<String>) -> (command: Command, length: Int)? {
        guard var command = words.first.flatMap({ self.command($0) }) else { return nil }
        var length = 1
        for word in words.dropFirst() {
            guard let inner = command.members.first(where: { $0.commandName == word }) else { break }
            command = inner
            length += 1
        }
        return (command, length)
    }

    /// The words with what the session supplies: the stream in use and the format, never a consumer's name.
    func completed(_ words: [String], stream: String?, output: String?) -> [String] {
        guard let (command, length) = command(in: words) else { return words }
        var supplied: [String] = []
        func supply(_ name: String, _ value: String?) {
            guard let value, let argument = command.arguments?.first(where: { $0.longName == name }) else { return }
            if let allowed = argument.allValues, !allowed.contains(value) { return }
            let typed = words.prefix { $0 != "--" }
            if typed.contains(where: { argument.isNamed(by: $0) || Self.isShort($0, of: argument) }) { return }
            supplied += ["--\(name)", value]
        }
        supply("stream", stream)
        supply("output", output)
        return words.prefix(length) + supplied + words.dropFirst(length)
    }

    /// Returns whether a word is a short option with its value in one, as `-ojson`.
    private static func isShort(_ word: String, of argument: Argument) -> Bool {
        (argument.names ?? []).contains { $0.kind == "short" && word.begins(with: $0.text) && !word.begins(with: "--") }
    }

    /// Returns whether a command's output is complete before anybody reads it, and may be tall.
    func isPageable(_ words: [String]) -> Bool {
        if words.contains("--help") || words.contains("-h") { return true }
        return words[0] == "inspect-offsets" && !words.contains { $0.begins(with: "--watch") }
    }
}
