import ArgumentParser
import Redstream

/// `redstream shell`: every command, and Redis's own, at one prompt.
struct ShellCommand: ToolCommand {
    static let action = "cannot run the shell"
    static let configuration = CommandConfiguration(
        commandName: "shell",
        abstract: "Open an interactive shell for redstream and Redis commands.",
        discussion: """
            Every subcommand works as on the command line; anything else is sent to Redis, and its reply printed. `help` \
            lists what the shell adds. The keys are those of emacs; `bind -v` in ~/.editrc makes them vi's. What is typed \
            is kept in $XDG_STATE_HOME/redstream/history, or in the file that REDSTREAM_HISTFILE names, without passwords.

            Destructive commands ask first and say how much they delete, including Redis's own. With -c, --file, or input \
            from a pipe, it runs a script and stops at the first error; destructive commands need --yes there.

              # Open the shell.
              redstream shell
              # Run two commands.
              redstream shell -c 'use products' -c 'inspect-offsets'
              # Wait until the consumers have caught up, for at most five minutes.
              redstream shell -c 'use products' \\
                -c 'watch --until-no-lag --timeout 5m 1s inspect-offsets'
              # Run a script.
              echo 'XINFO STREAM redstream:stream:products' | redstream shell
            """)

    static let exitNotes: [(code: ExitCode, meaning: String)] = [
        (.done, "every command succeeded, or the shell was left"),
        (.checkFailed, "watch: the time of --timeout is up, or a stream or consumer that was named does not exist"),
    ]

    static let environment: [EnvironmentVariable] = [
        .temporaryDirectory,
        .init("REDSTREAM_HISTFILE", "The file of the shell's history; empty for none."),
        .init(
            "XDG_STATE_HOME",
            "The directory that holds redstream/history, if REDSTREAM_HISTFILE is not set; without it ~/.local/state."),
        .init("HOME", "The home directory, for ~ in the names of files."),
        .init("REDSTREAM_PAGER", "The command that shows tall output; empty or cat for none."),
        .init("PAGER", "The same, if REDSTREAM_PAGER is not set; without it less -RX."),
        .init("LESSCHARSET", "The character set of less; without it UTF-8, which is what is shown."),
        .init("PATH", "The directories of commands, for less and for completion."),
        .init("VISUAL", "The editor of the shell's command edit."),
        .init("EDITOR", "The same, if VISUAL is not set; without it vi."),
        .init("EDITRC", "The file of key bindings; without it ~/.editrc."),
    ]

    static let refusalInShell: Failure? = Failure(
        .usage, "this is the shell already", hint: "connect URL changes the server")

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    @Option(name: [.customShort("c"), .long], help: "Run this command, and end; may be repeated.")
    var command: [String] = []

    @Option(help: "Run the commands of this file, and end; - means standard input.", completion: .file())
    var file: String?

    @Option(
        help: "Default stream of commands, as `use` sets it.", completion: .names(.stream), transform: NameText.parsed)
    var stream: String?

    @Flag(help: "Continue after a command that failed.")
    var keepGoing = false

    @Flag(help: "Do not ask before destructive commands.")
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
        let script = ShellScript(shell: shell, keepsGoing: keepGoing)
        if !command.isEmpty { return try await script.run(command.map { Array($0.utf8) }) }
        if let file, file != "-" { return try await script.run(file: file) }
        if file == nil, context.inputIsTerminal {
            if keepGoing {
                context.console.note("--keep-going is ignored: it is about scripts, by -c, --file or a pipe")
            }
            return try await InteractiveShell(shell).run()
        }
        return try await script.run(standardInput: context.input)
    }
}
