import ArgumentParser

/// A subcommand: options, a check of them, a short run over the library, and all that is known of it.
protocol ToolCommand: ParsableCommand, Sendable {
    /// The action of the command, as in "cannot … : why".
    static var action: String { get }

    /// Lists for the help and the manual beyond the grammar, such as the verdicts.
    static var helpSections: [HelpSection] { get }
    /// The exit codes that mean something in particular for this command.
    static var exitNotes: [(code: ExitCode, meaning: String)] { get }
    /// The variables of the environment that it reads, or sets, beside those of shared options.
    static var environment: [EnvironmentVariable] { get }
    /// The long names of options whose value may be left out.
    static var optionalValues: [String] { get }
    /// The reason why it does not run at the shell's prompt; nil if it does.
    static var refusalInShell: Failure? { get }

    /// Sentences about options that were given and do not count beside the others.
    var ignoredOptions: [String] { get }
    /// True if its output is complete before anybody reads it, and may be taller than a screen.
    var isPaged: Bool { get }

    /// Returns the question to ask at the shell's prompt before it runs: what would be destroyed, and how much.
    ///
    /// - Returns: The consequence, without "Go on?"; nil if nothing is lost, and if the command itself is to say what is
    ///   wrong.
    /// - Throws: What looking at the server throws.
    func loss(in context: CommandContext) async throws -> String?

    /// Does it, with everything it touches handed in.
    ///
    /// - Returns: The exit code.
    /// - Throws: Anything; ``Failure`` turns it into words.
    func run(in context: CommandContext) async throws -> ExitCode
}

extension ToolCommand {
    static var helpSections: [HelpSection] { [] }

    static var exitNotes: [(code: ExitCode, meaning: String)] { [] }

    static var environment: [EnvironmentVariable] { [] }

    static var optionalValues: [String] { [] }

    static var refusalInShell: Failure? { nil }

    var ignoredOptions: [String] { [] }

    var isPaged: Bool { false }

    func loss(in context: CommandContext) async throws -> String? { nil }
}

/// A variable of the environment, as the manual describes it.
struct EnvironmentVariable: Sendable {
    let name: String
    let meaning: String

    init(_ name: String, _ meaning: String) {
        self.name = name
        self.meaning = meaning
    }

    /// The directory of temporary files.
    static let temporaryDirectory = EnvironmentVariable(
        "TMPDIR", "The directory of temporary files; without it /tmp.")
}

/// A list in the help and the manual of a command: its exit codes, or the verdicts.
struct HelpSection: Sendable {
    let title: String
    let items: [(term: String, text: String)]

    init(_ title: String, _ items: [(term: String, text: String)]) {
        self.title = title
        self.items = items
    }

    /// Creates a list of exit codes.
    init(exitCodes: [(code: ExitCode, meaning: String)]) {
        self.init("EXIT CODES", exitCodes.map { ("\($0.code.rawValue)", $0.meaning) })
    }
}
