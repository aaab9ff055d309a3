import ArgumentParser

/// A subcommand: options, a check of them, and a short run over the library.
protocol ToolCommand: ParsableCommand {
    /// What it does, as in "cannot … : why".
    static var action: String { get }

    /// Does it, with everything it touches handed in.
    ///
    /// - Returns: The exit code.
    /// - Throws: Anything; ``Failure`` turns it into words.
    func run(in context: CommandContext) async throws -> ExitCode
}
