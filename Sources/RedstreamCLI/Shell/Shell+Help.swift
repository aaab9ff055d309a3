import ArgumentParser
import LineEditing
import Redstream
import RedstreamSystem

extension Shell {
    /// Shows help: on everything, a command, or a category of Redis's commands.
    func help(_ words: [String], in context: CommandContext) async throws {
        guard let topic = words.first else { return try await show(lines: overview, in: context) }
        if words.count > 1, await !catalogue.names().isEmpty,
            catalogue.family(topic.lowercased())?.contains(words[1].uppercased()) == true
        {
            return try await help(redis: topic, words[1], in: context)
        }
        if topic.begins(with: "@") { return try await help(category: String(topic.dropFirst()), in: context) }
        if let builtin = ShellBuiltin(rawValue: topic) {
            let usage = builtin.arguments.isEmpty ? topic : "\(topic) \(builtin.arguments)"
            return try await show(lines: [usage, "  \(builtin.summary)"], in: context)
        }
        if grammar.hasCommand(topic) { return try await show(Tool.help(on: words, in: context) + "\n", in: context) }
        try await help(redis: topic, nil, in: context)
    }

    private var overview: [String] {
        var lines = ["redstream:"]
        lines += Self.columns(grammar.shownMembers.map { (name: $0.name, text: $0.abstract) })
        lines += ["", "the shell's own:"]
        lines += Self.columns(
            ShellBuiltin.allCases.map { (name: "\($0.rawValue) \($0.arguments)".trimmingBlanks, text: $0.summary) })
        lines += [
            "", "anything else is sent to Redis: XINFO STREAM key",
            "  N COMMAND            run a command N times",
            "  COMMAND | command    output into a shell command",
            "  COMMAND > file       output into a file, >> appends (XREADGROUP keeps its >)",
            "  Tab completes, Ctrl-R searches, Ctrl-C ends a command or clears the line, Ctrl-D leaves",
            "  help COMMAND, help @stream",
        ]
        return lines
    }

    /// Shows lines, on a terminal broken between words; what goes on begins where the text of its line does.
    private func show(lines: [String], in context: CommandContext) async throws {
        let columns = context.outputIsTerminal ? TerminalSize(of: STDOUT_FILENO)?.columns : nil
        let text = lines.map { line in
            let line = TerminalText.escaped(line)
            return columns.map { ScreenText.folded(line, columns: $0, indent: Self.indent(of: line)) } ?? line
        }
        try await show(text.map { $0 + "\n" }.joined(), in: context)
    }

    /// Returns the column at which the text of a line begins, behind a name that stands before it.
    private static func indent(of line: String) -> Int {
        let scalars = line.unicodeScalars
        let start = scalars.prefix { $0 == " " }.count
        // A name and its text lie two blanks apart at least.
        guard start == 2, let gap = line.utf8.dropFirst(2).firstRange(of: "  ".utf8)?.lowerBound else {
            return max(start, 2)
        }
        return ScreenText.width(of: line[..<gap]) + scalars[gap...].prefix { $0 == " " }.count
    }

    private static func columns(_ rows: [(name: String, text: String)]) -> [String] {
        rows.flatMap { name, text in
            ScreenText.width(of: name) > 24
                ? ["  \(name)", String(repeating: " ", count: 28) + text]
                : ["  \(name)\(ScreenText.padding(of: name, to: 26))\(text)"]
        }
    }

    private func help(redis name: String, _ member: String?, in context: CommandContext) async throws {
        let known = await catalogue.names()
        guard known.contains(name.uppercased()) else {
            let all = grammar.shownMembers.map(\.name) + ShellBuiltin.allCases.map(\.rawValue) + known
            throw Failure(
                .usage, "there is no command \(name)",
                hint: SpellCheck.closest(to: name, among: all).map { "did you mean \($0)?" } ?? "help lists commands")
        }
        let title = ([name] + (member.map { [$0] } ?? [])).joined(separator: " ").uppercased()
        guard let docs = await catalogue.docs(title.lowercased().replacing(" ", with: "|")) else {
            let members = catalogue.family(name.lowercased()).map { " " + $0.joined(separator: "|") } ?? ""
            return try await show(
                lines: ["\(title)\(member == nil ? members : "")", "  the server tells no more about it"], in: context)
        }
        var lines = ["\(title) \(docs.syntax)".trimmingBlanks]
        for (label, text) in [
            ("", docs.summary), ("complexity: ", docs.complexity), ("group: ", docs.group), ("since: ", docs.since),
        ] {
            if let text { lines.append("  \(label)\(text)") }
        }
        try await show(lines: lines, in: context)
    }

    private func help(category: String, in context: CommandContext) async throws {
        guard let names = await catalogue.names(in: category.lowercased()) else {
            throw Failure(.usage, "there is no category @\(category)", hint: "redis ACL CAT lists them")
        }
        var lines: [String] = []
        for name in names where !name.contains("|") {
            guard context.signals.first == nil else { throw CancellationError() }
            let docs = await catalogue.docs(name)
            lines.append("  \(name.uppercased()) \(docs?.syntax ?? "")".trimmingBlanksAtEnd)
            if let summary = docs?.summary { lines.append("      \(summary)") }
        }
        try await show(lines: lines, in: context)
    }
}
