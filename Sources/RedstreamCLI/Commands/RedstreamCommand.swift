import ArgumentParser

/// The root of the grammar: the list of the commands.
struct RedstreamCommand: ParsableCommand {
    /// The version that `--version` prints.
    static let version = "0.1.0"
    /// The day of that version, as the manual shows it.
    static let date = "November 23, 2026"

    /// All commands and their arguments; described when they are first asked for.
    static let grammar = CommandGrammar(Self.self)

    static let configuration = CommandConfiguration(
        commandName: "redstream",
        abstract: "Run and debug Redis streams that keep secondary datastores in sync.",
        discussion: """
            Producers write to a stream which records have changed; consumers read it, and bring an index, a cache or \
            another database up to date.

            The server is named by --url, REDSTREAM_URL or REDIS_URL; without them it is redis://127.0.0.1:6379. \
            redstream sandbox starts one to try things out.
            """,
        version: "redstream \(version)",
        subcommands: [
            ProduceCommand.self,
            ConsumeCommand.self,
            DelayCommand.self,
            TrimCommand.self,
            InspectCommand.self,
            SeekCommand.self,
            ForgetCommand.self,
            DeadLettersCommand.self,
            ShardOfCommand.self,
            SandboxCommand.self,
            ShellCommand.self,
            WriteDocsCommand.self,
        ])
}
