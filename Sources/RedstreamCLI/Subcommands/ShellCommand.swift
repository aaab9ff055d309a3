import ArgumentParser

/// `redstream shell`: every command, and Redis's own, at one prompt.
struct ShellCommand: ToolCommand {
    static let action = "cannot run the shell"
    static let configuration = CommandConfiguration(
        commandName: "shell",
        abstract: "Work interactively, with history, completion and hints.",
        discussion: """
            Every subcommand works as at the prompt; anything else is sent to Redis, and its reply printed. `help` lists \
            what the shell adds. Keys are those of emacs; `bind -v` in ~/.editrc makes them vi's. What is typed is kept in \
            $XDG_STATE_HOME/redstream/history, or the file that REDSTREAM_HISTFILE names, without passwords.

            What destroys asks first and says how much, Redis's own commands included. With -c, --file, or input from \
            a pipe, it runs a script and stops at the first error; what destroys needs --yes there.

              redstream shell
              redstream shell -c 'use products' -c 'inspect-offsets'
              echo 'XINFO STREAM redstream:stream:products' | redstream shell
            """)

    @OptionGroup var connection: ConnectionOptions

    @Option(name: [.customShort("c"), .long], help: "Run this command and end; may be repeated.")
    var command: [String] = []

    @Option(help: "Run the commands of this file and end; - is standard input.", completion: .file())
    var file: String?

    @Option(help: "The stream to begin with, as `use` sets it.")
    var stream: String?

    @Flag(help: "Go on after a command that failed.")
    var keepGoing = false

    @Flag(help: "Let destructive commands run without a question.")
    var yes = false

    func validate() throws {
        try NameCheck.notEmpty(stream, option: "--stream")
        if file != nil, !command.isEmpty {
            throw ValidationError("--command and --file both say what to run: give one")
        }
    }

    func run(in context: CommandContext) async throws -> ExitCode {
        let session = ShellSession(
            try connection.configuration(in: context), namespace: try connection.namespace(in: context))
        session.update { $0.stream = stream }
        var shell = Shell(session, in: context)
        shell.assumesYes = yes
        if !command.isEmpty {
            return try await ShellScript(shell, keepsGoing: keepGoing).run(command.map { Array($0.utf8) })
        }
        if let file, file != "-" {
            return try await ShellScript(shell, keepsGoing: keepGoing).run(file: file)
        }
        if file == nil, context.inputIsTerminal {
            return try await InteractiveShell(shell).run()
        }
        return try await ShellScript(shell, keepsGoing: keepGoing).run(standardInput: context.input)
    }
}
