import ArgumentParser
import FoundationEssentials
import Redstream

/// A command and its arguments, as the parser describes them: help, manual, completions and Tab are made of it.
struct CommandGrammar: Sendable {
    /// An option, a flag or a positional argument.
    struct Argument: Decodable, Sendable {
        enum Kind: String, Decodable, Sendable {
            case positional
            case option
            case flag
        }

        /// A way to name an option.
        struct Name: Decodable, Sendable {
            let kind: String
            let name: String

            /// The name with its dashes.
            var text: String { kind == "short" ? "-\(name)" : "--\(name)" }
        }

        /// The kind of completion that the parser knows of.
        private struct Completion: Decodable {
            struct Detail: Decodable {}
            let file: Detail?
            let custom: Detail?
        }

        let kind: Kind
        let shouldDisplay: Bool
        let isOptional: Bool
        let isRepeating: Bool
        let parsingStrategy: String
        let names: [Name]?
        let valueName: String?
        let defaultValue: String?
        let allValues: [String]?
        let abstract: String?
        let discussion: String?
        /// The group of options that it belongs to, such as that of the connection; nil for the command's own.
        let sectionTitle: String?
        private let completionKind: Completion?
        /// Said by the command, since the parser keeps it to itself.
        fileprivate var isValueOptional: Bool?

        /// True if the value may be left out, and is joined to the name by `=` if not.
        var hasOptionalValue: Bool { isValueOptional == true }
        /// True if it takes a path.
        var takesFile: Bool { completionKind?.file != nil }
        /// True if its values are completed by asking a server.
        var isCompletedLive: Bool { completionKind?.custom != nil }
        /// True if a value follows the name.
        var takesValue: Bool { kind == .option }
        /// The name after two dashes.
        var longName: String? { names?.first { $0.kind == "long" }?.name }
        /// The names, the short one first.
        var sortedNames: [Name] { (names ?? []).sorted { $0.kind == "short" && $1.kind != "short" } }

        /// Returns whether a word names it, as `--name` or `--name=value`.
        func isNamed(by word: String) -> Bool {
            let name = String(word.unicodeScalars.prefix { $0 != "=" })
            return (names ?? []).contains { $0.text == name }
        }

        /// Returns whether a word is its short name with the value in one, as `-ojson`.
        func isShortened(to word: String) -> Bool {
            !word.begins(with: "--") && (names ?? []).contains { $0.kind == "short" && word.begins(with: $0.text) }
        }
    }

    /// The parser's description of a command.
    private struct Description: Decodable {
        struct Root: Decodable {
            let command: Description
        }

        var commandName = ""
        var shouldDisplay = true
        var abstract: String?
        var discussion: String?
        var subcommands: [Description]?
        var arguments: [Argument]?
    }

    let type: any ParsableCommand.Type
    let name: String
    let abstract: String
    /// The paragraphs of the discussion.
    private(set) var paragraphs: [String] = []
    /// The lines of the examples, which are the paragraphs with an indentation.
    private(set) var examples: [String] = []
    /// The commands within it, but for `help`.
    let members: [CommandGrammar]
    let arguments: [Argument]
    private let isShown: Bool

    /// Describes a command, and all within it.
    init(_ type: any ParsableCommand.Type) {
        let root = try? JSONDecoder().decode(Description.Root.self, from: Data(type._dumpHelp().utf8))
        self.init(root?.command ?? Description(), type)
    }

    private init(_ description: Description, _ type: any ParsableCommand.Type) {
        self.type = type
        name = description.commandName
        isShown = description.shouldDisplay
        abstract = description.abstract ?? ""
        let optional = (type as? any ToolCommand.Type)?.optionalValues ?? []
        arguments = (description.arguments ?? []).map { argument in
            var argument = argument
            argument.isValueOptional = argument.longName.map(optional.contains)
            return argument
        }
        members = type.configuration.subcommands.compactMap { member in
            let name = member.configuration.commandName
            return description.subcommands?.first { $0.commandName == name }.map { Self($0, member) }
        }
        for paragraph in (description.discussion ?? "").split(separator: "\n\n") {
            let lines = paragraph.split(separator: "\n").map(String.init)
            guard !lines.isEmpty else { continue }
            if lines.allSatisfy({ $0.begins(with: "  ") }) {
                examples += (examples.isEmpty ? [] : [""]) + lines.map { String($0.dropFirst(2)) }
            } else {
                paragraphs.append(lines.joined(separator: "\n"))
            }
        }
    }

    /// The type, if it is a command of this tool, and not the root.
    var tool: (any ToolCommand.Type)? { type as? any ToolCommand.Type }

    /// The commands within it that are not hidden.
    var shownMembers: [CommandGrammar] { members.filter(\.isShown) }

    /// The arguments that help and Tab show.
    var shownArguments: [Argument] {
        arguments.filter { $0.shouldDisplay && !["help", "version"].contains($0.valueName ?? "") }
    }

    /// The arguments that are shown, of the commands within it too.
    var allArguments: [Argument] { shownArguments + shownMembers.flatMap(\.allArguments) }

    /// Returns whether there is a command of that name within it that is not hidden.
    func hasCommand(_ name: String) -> Bool { members.contains { $0.isShown && $0.name == name } }

    /// Returns the command that words begin with, one within another included, and how many words name it.
    func command(in words: some Collection<String>) -> (command: CommandGrammar, length: Int) {
        guard let first = words.first, let member = members.first(where: { $0.name == first }) else { return (self, 0) }
        let (command, length) = member.command(in: words.dropFirst())
        return (command, length + 1)
    }

    /// Returns words with options added of which the command has them, and which are not among the words.
    ///
    /// - Parameters:
    ///   - words: The words that name the command, and its arguments.
    ///   - values: The values of options by their names; nil for those that are not to be added.
    /// - Returns: The words.
    func completed(_ words: [String], with values: [(name: String, value: String?)]) -> [String] {
        let (command, length) = command(in: words)
        let typed = words.prefix { $0 != "--" }
        let supplied = values.flatMap { name, value -> [String] in
            guard let value, let argument = command.arguments.first(where: { $0.longName == name }),
                argument.allValues?.contains(value) != false,
                !typed.contains(where: { argument.isNamed(by: $0) || argument.isShortened(to: $0) })
            else { return [] }
            return ["--\(name)", value]
        }
        return words.prefix(length) + supplied + words.dropFirst(length)
    }
}
