import LineEditing

/// The help of a command on a screen: its own options first, those of the connection last.
struct HelpText {
    private static let labelWidth = 26

    private let command: CommandGrammar
    private let path: String
    private let sections: [HelpSection]
    private let width: Int

    /// Describes a command.
    ///
    /// - Parameters:
    ///   - command: The command.
    ///   - path: The words that name it, without the tool's name.
    ///   - width: The columns of the screen.
    init(_ command: CommandGrammar, path: [String], width: Int) {
        self.command = command
        self.path = (["redstream"] + path).joined(separator: " ")
        // Longer lines are hard to read, and shorter ones leave no room for words.
        self.width = min(max(width, 40), 100)
        let tool = command.tool
        let codes = path.isEmpty ? ExitCode.table : tool?.exitNotes ?? []
        sections = (tool?.helpSections ?? []) + (codes.isEmpty ? [] : [HelpSection(exitCodes: codes)])
    }

    /// The lines, without a line feed at their end.
    var text: String {
        let (paragraphs, examples) = (command.paragraphs, command.examples)
        var parts = [
            lines("OVERVIEW: \(command.abstract)"),
            lines("USAGE: \(usage)", indent: 9),
        ]
        if !examples.isEmpty { parts.append(["EXAMPLES:"] + examples.map { $0.isEmpty ? "" : "  \($0)" }) }
        list("COMMANDS", command.shownMembers.map { ($0.name, $0.abstract) }, to: &parts)
        let own = command.shownArguments.filter { $0.sectionTitle == nil }
        list("ARGUMENTS", own.filter { $0.kind == .positional }.map { ($0.helpLabel, $0.helpText) }, to: &parts)
        list(
            "OPTIONS", own.filter { $0.kind != .positional }.map { ($0.helpLabel, $0.helpText) } + standard, to: &parts)
        if !paragraphs.isEmpty {
            parts.append(["DESCRIPTION:"])
            let texts = paragraphs.map { lines($0, first: "  ", indent: 2) }
            parts[parts.count - 1] += texts.joined(separator: [""])
        }
        for section in sections { list(section.title, section.items.map { ($0.term, $0.text) }, to: &parts) }
        let titled = command.shownArguments.filter { $0.sectionTitle != nil }
        list("CONNECTION OPTIONS", titled.map { ($0.helpLabel, $0.helpText) }, to: &parts)
        parts.append(lines(closing))
        return parts.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    private var standard: [(String, String)] {
        path == "redstream"
            ? [("--version", "Show the version."), ("-h, --help", "Show help.")]
            : [("-h, --help", "Show help.")]
    }

    /// The line behind everything: where there is more.
    private var closing: String {
        if path == "redstream" { return "redstream COMMAND --help, or man redstream-COMMAND, describes a command." }
        let words = path.split(separator: " ")
        return
            "man \(words.prefix(2).joined(separator: "-")) has the same; man redstream describes what all commands share."
    }

    private var usage: String {
        guard command.shownMembers.isEmpty else { return "\(path) <command> [<options>]" }
        let arguments = command.shownArguments
        let needed = arguments.filter { $0.kind == .option && !$0.isOptional }.map(\.helpLabel)
        let positional = arguments.filter { $0.kind == .positional }.map { argument in
            let name = (argument.parsingStrategy == "postTerminator" ? "-- " : "") + argument.helpLabel
            return argument.isOptional ? "[\(name) ...]" : "\(name) ..."
        }
        return ([path] + needed + ["[<options>]"] + positional).joined(separator: " ")
    }

    /// Returns a text in lines that fit, behind the text that the first one begins with.
    private func lines(_ text: String, first: String = "", indent: Int = 0) -> [String] {
        let text = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return ScreenText.folded(first + text, columns: width, indent: indent).split(separator: "\n").map(String.init)
    }

    private func list(_ title: String, _ items: [(label: String, text: String)], to parts: inout [[String]]) {
        guard !items.isEmpty else { return }
        var lines = ["\(title):"]
        for (label, text) in items {
            let start = "  \(label)"
            let fits = start.count < Self.labelWidth
            if !fits { lines.append(start) }
            let first = fits ? start : ""
            lines += self.lines(
                text, first: first + ScreenText.padding(of: first, to: Self.labelWidth), indent: Self.labelWidth)
        }
        parts.append(lines)
    }
}

extension CommandGrammar.Argument {
    /// The names and the value as they are typed: `-o, --output <format>`, `--watch[=<interval>]`.
    fileprivate var helpLabel: String {
        guard kind != .positional else { return "<\(valueName ?? "value")>" }
        let label = sortedNames.map(\.text).joined(separator: ", ")
        guard kind == .option else { return label }
        return hasOptionalValue ? "\(label)[=<\(valueName ?? "value")>]" : "\(label) <\(valueName ?? "value")>"
    }

    /// The text, with its values and its default in one pair of brackets at its end.
    fileprivate var helpText: String {
        let text = [abstract, discussion].compactMap(\.self).joined(separator: " ")
        var notes: [String] = []
        if let values = allValues, !values.isEmpty { notes.append(values.joined(separator: ", ")) }
        if let defaultValue, kind == .option, !hasOptionalValue { notes.append("default: \(defaultValue)") }
        guard !notes.isEmpty else { return text }
        // A default in words has brackets of its own.
        if text.hasSuffix(")."), let start = text.ranges(of: " (default: ").last {
            notes.append(String(text[text.index(start.lowerBound, offsetBy: 2)...].dropLast(2)))
            return "\(text[..<start.lowerBound]) (\(notes.joined(separator: "; ")))."
        }
        return "\(text.hasSuffix(".") ? text.dropLast() : text[...]) (\(notes.joined(separator: "; ")))."
    }
}
