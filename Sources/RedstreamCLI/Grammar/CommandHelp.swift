import ArgumentParser
import FoundationEssentials
import Redstream

/// A command as the grammar describes it: what manual pages are made of.
struct CommandHelp: Decodable, Sendable {
    /// An option, a flag or a positional argument.
    struct Argument: Decodable, Sendable {
        enum Kind: String, Decodable {
            case positional
            case option
            case flag
        }

        struct Name: Decodable {
            let kind: String
            let name: String
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

        private struct Completion: Decodable {
            struct Custom: Decodable {}
            let custom: Custom?
        }

        /// True if its values are completed by asking the tool.
        var isCompletedLive: Bool { completionKind?.custom != nil }

        /// True if the value may be left out, and is joined to the name by `=` if not.
        var hasOptionalValue: Bool { names?.contains { $0.name == WatchInterval.optionName } == true }
    }

    let commandName: String
    let shouldDisplay: Bool
    let abstract: String?
    let discussion: String?
    let subcommands: [CommandHelp]?
    let arguments: [Argument]?

    /// The grammar from its root.
    static func root() throws -> CommandHelp { try CommandHelp(RedstreamCommand.self) }

    /// Describes one command.
    ///
    /// - Throws: What decoding the description throws.
    init(_ command: any ParsableCommand.Type) throws {
        self = try JSONDecoder().decode(Tool.self, from: Data(command._dumpHelp().utf8)).command
    }

    private struct Tool: Decodable {
        let command: CommandHelp
    }

    /// The subcommands to document: those of ours that are not hidden.
    var documented: [CommandHelp] {
        (subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" }
    }

    /// The arguments to document.
    var documentedArguments: [Argument] {
        (arguments ?? []).filter { $0.shouldDisplay && !["help", "version"].contains($0.valueName ?? "") }
    }

    /// The arguments to document, of the commands within it too.
    var allArguments: [Argument] { documentedArguments + documented.flatMap(\.allArguments) }

    /// The paragraphs of the discussion and, from their indentation, the examples.
    var paragraphs: (text: [String], examples: [String]) {
        var text: [String] = []
        var examples: [String] = []
        for paragraph in (discussion ?? "").split(separator: "\n\n") {
            let lines = paragraph.split(separator: "\n").map(String.init)
            guard !lines.isEmpty else { continue }
            if lines.allSatisfy({ $0.begins(with: "  ") }) {
                examples += (examples.isEmpty ? [] : [""]) + lines.map { String($0.dropFirst(2)) }
            } else {
                text.append(lines.joined(separator: "\n"))
            }
        }
        return (text, examples)
    }
}
