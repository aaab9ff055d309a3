import ArgumentParser

/// A subcommand: options, a check of them, and a short run over the library.
protocol ToolCommand: ParsableCommand {
    /// The action of the command, as in "cannot … : why".
    static var action: String { get }

    /// Lists for the help and the manual beyond the grammar, such as the verdicts.
    static var helpSections: [HelpSection] { get }
    /// The exit codes that mean something in particular for this command.
    static var exitNotes: [(code: ExitCode, meaning: String)] { get }

    /// Sentences about options that were given and do not count beside the others.
    var ignoredOptions: [String] { get }

    /// Does it, with everything it touches handed in.
    ///
    /// - Returns: The exit code.
    /// - Throws: Anything; ``Failure`` turns it into words.
    func run(in context: CommandContext) async throws -> ExitCode
}

extension ToolCommand {
    static var helpSections: [HelpSection] { [] }

    static var exitNotes: [(code: ExitCode, meaning: String)] { [] }

    var ignoredOptions: [String] { [] }
}
