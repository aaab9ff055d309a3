import ArgumentParser
import RedstreamSystem

/// `redstream sandbox`: a private, throw-away server to try things out on.
struct SandboxCommand: ToolCommand {
    static let action = "cannot run the sandbox"
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract: "Run a command with a private, temporary redis-server.",
        discussion: """
            Starts a server on a Unix socket in a temporary directory below $TMPDIR, or /tmp, sets REDSTREAM_URL, runs the \
            command, and cleans up. It exits with the status of the command. Without a command it opens the shell of \
            redstream shell.

              # Try things out.
              redstream sandbox
              # Run a script against a server of its own.
              redstream sandbox -- sh -c \\
                'redstream produce --stream s "{}" && redstream inspect-offsets'
            """)

    static let environment = ShellCommand.environment

    static let refusalInShell: Failure? = Failure(
        .usage, "a sandbox has a shell of its own", hint: "leave with Ctrl-D; then redstream sandbox")

    @Option(help: ArgumentHelp("The redis-server or valkey-server to run.", valueName: "program"), completion: .file())
    var server = "redis-server"

    @Argument(parsing: .postTerminator, help: "Command and its arguments.")
    var command: [String] = []

    func run(in context: CommandContext) async throws -> ExitCode {
        let words = command
        return try await SandboxServer.run(server, in: context.environment) { server in
            if words.isEmpty { return try await shell(beside: server, in: context) }
            return ExitCode(try await run(words, url: server.url, in: context))
        }
    }

    private func shell(beside server: SandboxServer, in context: CommandContext) async throws -> ExitCode {
        context.console.note("a sandbox at \(server.url); it is gone when this shell ends")
        var inner = context
        inner.environment["REDSTREAM_URL"] = server.url
        inner.environment["REDSTREAM_NAMESPACE"] = nil
        inner.unreadableVariables.subtract(["REDSTREAM_URL", "REDSTREAM_NAMESPACE"])
        return try await ShellCommand.parse([]).run(in: inner)
    }

    private func run(_ words: [String], url: String, in context: CommandContext) async throws
        -> Program.Status
    {
        var launch = Launch(words[0], Array(words.dropFirst()))
        launch.variables = .inherited(["REDSTREAM_URL": url])
        do {
            return try await ForegroundCommand(launch: launch).run(in: context)
        } catch let error as SystemError {
            throw Failure(.failed, "cannot run \(words[0]): \(error.reason)", hint: Failure.hint(for: error))
        }
    }
}
