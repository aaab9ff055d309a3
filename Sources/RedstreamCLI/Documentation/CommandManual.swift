import Redstream

/// The manual page of a command, from the grammar.
enum CommandManual {
    /// The page of a subcommand.
    static func page(of command: CommandGrammar, among all: [CommandGrammar]) -> String {
        var page = ManualText("redstream-\(command.name)", section: 1)
        name("redstream-\(command.name)", command, to: &page)
        page.section("SYNOPSIS")
        for member in command.shownMembers.isEmpty ? [command] : command.shownMembers {
            page.macro(".Nm redstream \(command.name)")
            if !command.shownMembers.isEmpty { page.macro(".Cm \(member.name)") }
            synopsis(of: member, to: &page)
        }
        page.section("DESCRIPTION")
        page.text(([command.abstract] + command.paragraphs).joined(separator: "\n\n"))
        for section in command.tool?.helpSections ?? [] {
            page.section(section.title)
            page.list(section.items.map { (ManualText.escaped($0.term), sentence($0.text)) })
        }
        if command.shownMembers.isEmpty {
            options(command.shownArguments, to: &page)
        } else {
            members(of: command, to: &page)
        }
        environment(SharedVariable.of(command), to: &page)
        exitStatus(command.tool?.exitNotes ?? [], to: &page)
        page.examples(command.examples)
        seeAlso(all.map(\.name).filter { $0 != command.name }, to: &page, isRoot: false)
        return page.source
    }

    /// The page of the tool as a whole.
    static func page(ofRoot root: CommandGrammar) -> String {
        var page = ManualText("redstream", section: 1)
        name("redstream", root, to: &page)
        page.section("SYNOPSIS")
        page.macro(".Nm")
        page.macro(".Ar command")
        page.macro(".Op Ar options")
        page.section("DESCRIPTION")
        page.text([root.abstract, GeneralManual.description].joined(separator: "\n\n"))
        page.section("COMMANDS")
        page.list(
            root.shownMembers.map {
                ("Xr redstream-\($0.name) 1", $0.abstract)
            })
        for (title, text) in GeneralManual.sections {
            page.section(title)
            page.text(text)
        }
        environment(SharedVariable.ofAll(root), to: &page)
        exitStatus([], to: &page)
        page.examples(GeneralManual.examples)
        seeAlso(root.shownMembers.map(\.name), to: &page, isRoot: true)
        return page.source
    }

    private static func name(_ name: String, _ command: CommandGrammar, to page: inout ManualText) {
        let abstract = command.abstract
        let sentence = abstract.ends(with: ".") ? abstract.dropLast() : abstract[...]
        page.section("NAME")
        page.macro(".Nm \(name)")
        page.macro(".Nd \(ManualText.escaped(sentence.prefix(1).lowercased() + sentence.dropFirst()))")
    }

    private static func synopsis(of command: CommandGrammar, to page: inout ManualText) {
        let arguments = command.shownArguments
        for argument in arguments where argument.kind == .option && !argument.isOptional {
            page.macro(".\(argument.flags.last ?? "") \(argument.value)")
        }
        if arguments.contains(where: { $0.kind != .positional && $0.isOptional }) { page.macro(".Op Ar options") }
        for argument in arguments where argument.kind == .positional {
            let dots = argument.isRepeating ? " ..." : ""
            let dashes = argument.parsingStrategy == "postTerminator" ? "Fl \\- " : ""
            page.macro(".Op \(dashes)Ar \(argument.valueName ?? "argument")\(dots)")
        }
    }

    /// The options of a command: its own first, those of the connection in a section of their own.
    private static func options(
        _ arguments: [CommandGrammar.Argument], title: String = "OPTIONS", to page: inout ManualText
    ) {
        let own = arguments.filter { $0.sectionTitle == nil }.map { ($0.term, $0.explanation) }
        page.section(title)
        page.list(own + [("Fl h , Fl \\-help", "Show help.")])
        let shared = arguments.filter { $0.sectionTitle != nil }.map { ($0.term, $0.explanation) }
        guard !shared.isEmpty else { return }
        page.section("CONNECTION OPTIONS")
        page.list(shared)
    }

    /// The commands within a command: what each does, what only it takes, and what all take.
    private static func members(of command: CommandGrammar, to page: inout ManualText) {
        let members = command.shownMembers
        let shared = members[0].shownArguments.filter { argument in
            members.allSatisfy { $0.shownArguments.contains { $0.isSame(as: argument) } }
        }
        for member in members {
            page.section(member.name.uppercased())
            page.text(([member.abstract] + member.paragraphs).joined(separator: "\n\n"))
            let own = member.shownArguments.filter { argument in !shared.contains { $0.isSame(as: argument) } }
            if !own.isEmpty { page.list(own.map { ($0.term, $0.explanation) }) }
            page.examples(member.examples, isSection: false)
        }
        options(shared, title: "OPTIONS OF ALL", to: &page)
    }

    private static func environment(_ variables: [EnvironmentVariable], to page: inout ManualText) {
        guard !variables.isEmpty else { return }
        page.section("ENVIRONMENT")
        page.list(variables.map { ("Ev \($0.name)", $0.meaning) })
    }

    private static func exitStatus(_ notes: [(code: ExitCode, meaning: String)], to page: inout ManualText) {
        page.section("EXIT STATUS")
        page.list(
            ExitCode.table.map { code, meaning in
                let note = notes.first { $0.code == code }?.meaning
                return ("\(code.rawValue)", sentence(note ?? meaning))
            })
    }

    /// A clause as a sentence.
    private static func sentence(_ clause: String) -> String {
        clause.prefix(1).uppercased() + clause.dropFirst() + (clause.hasSuffix(".") ? "" : ".")
    }

    private static func seeAlso(_ commands: [String], to page: inout ManualText, isRoot: Bool) {
        page.section("SEE ALSO")
        let pages = (isRoot ? [] : ["redstream 1"]) + commands.sorted().map { "redstream-\($0) 1" }
        for name in pages { page.macro(".Xr \(name) ,") }
        page.macro(".Xr redstream-protocol 7")
    }
}

extension CommandGrammar.Argument {
    /// Its names in mdoc, the short one first.
    fileprivate var flags: [String] {
        sortedNames.map { "Fl \($0.kind == "short" ? "" : "\\-")\($0.name)" }
    }

    /// The text behind the name in mdoc: the words that may stand there, or a name for the value.
    fileprivate var value: String {
        guard let allValues, !allValues.isEmpty else { return "Ar \(valueName ?? "value")" }
        return allValues.map { "Cm \($0)" }.joined(separator: " | ")
    }

    fileprivate var term: String {
        let value = kind == .flag ? "" : hasOptionalValue ? " Ns Op = Ns \(value)" : " \(value)"
        return kind == .positional ? "Ar \(valueName ?? "argument")" : flags.joined(separator: " , ") + value
    }

    /// Returns whether two commands mean the same by it.
    fileprivate func isSame(as other: Self) -> Bool { term == other.term && explanation == other.explanation }

    fileprivate var explanation: String {
        var text = abstract ?? ""
        if let discussion { text += "\n" + discussion }
        if let defaultValue, !hasOptionalValue, !text.contains("default") { text += "\nDefault: \(defaultValue)." }
        return text
    }
}

/// A variable of the environment that options read which commands share.
struct SharedVariable: Sendable {
    private let variable: EnvironmentVariable
    private let concerns: @Sendable (CommandGrammar.Argument) -> Bool

    /// Returns the variables that concern a command, those that it names itself behind the others.
    static func of(_ command: CommandGrammar) -> [EnvironmentVariable] {
        let arguments = command.allArguments
        return all.filter { arguments.contains(where: $0.concerns) }.map(\.variable) + (command.tool?.environment ?? [])
    }

    /// Returns every variable that is read, each once.
    static func ofAll(_ root: CommandGrammar) -> [EnvironmentVariable] {
        let own = root.shownMembers.flatMap { $0.tool?.environment ?? [] }
        return (all.map(\.variable) + own).reduce(into: []) { variables, variable in
            if !variables.contains(where: { $0.name == variable.name }) { variables.append(variable) }
        }
    }

    private init(
        _ name: String, _ meaning: String, _ concerns: @escaping @Sendable (CommandGrammar.Argument) -> Bool
    ) {
        variable = EnvironmentVariable(name, meaning)
        self.concerns = concerns
    }

    private static let all = [
        SharedVariable("REDSTREAM_URL", "The server, if --url is not given.") { $0.valueName == "url" },
        SharedVariable("REDIS_URL", "The server, if neither is given. Without any it is redis://127.0.0.1:6379.") {
            $0.valueName == "url"
        },
        SharedVariable("REDSTREAM_NAMESPACE", "The prefix of all keys, if --namespace is not given.") {
            $0.valueName == "url"
        },
        SharedVariable("NO_COLOR", "Set to anything, it turns colours off.") { $0.longName == "color" },
        SharedVariable("TERM", "The kind of terminal; dumb turns colours off.") { $0.longName == "color" },
        SharedVariable("TZ", "The time zone of points in time that name none.") {
            ["time", "position"].contains($0.valueName ?? "")
        },
    ]
}
