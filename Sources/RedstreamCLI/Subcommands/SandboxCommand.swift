import ArgumentParser
import Subprocess
import Synchronization
import SystemPackage

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// `redstream sandbox`: a private, throw-away server to try things out on.
struct SandboxCommand: ToolCommand {
    static let action = "cannot run the sandbox"
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract: "Run a command beside a private, throw-away redis-server.",
        discussion: """
            Starts a server on a Unix socket in a temporary directory, sets REDSTREAM_URL, runs the command, and cleans \
            up. The command's exit status is kept. Without a command it is the shell of `redstream shell`.

              redstream sandbox
              redstream sandbox -- sh -c 'redstream produce --stream s "{}" && redstream inspect-offsets'
            """)

    @Option(help: ArgumentHelp("The redis-server or valkey-server to run.", valueName: "program"), completion: .file())
    var server = "redis-server"

    @Argument(parsing: .postTerminator, help: "The command and its arguments.")
    var command: [String] = []

    func run(in context: CommandContext) async throws -> ExitCode {
        let words = command
        return try await SandboxServer.run(server) { server in
            if words.isEmpty { return try await shell(beside: server, in: context) }
            return Self.exitCode(of: try await run(words, url: server.url, in: context))
        }
    }

    private func shell(beside server: SandboxServer, in context: CommandContext) async throws -> ExitCode {
        context.console.note("a sandbox at \(server.url); it is gone when this shell ends")
        var inner = context
        inner.environment["REDSTREAM_URL"] = server.url
        inner.environment["REDSTREAM_NAMESPACE"] = nil
        return try await ShellCommand.parse([]).run(in: inner)
    }

    /// Runs the command in the foreground.
    ///
    /// Ctrl-C at the terminal reaches it by itself; SIGTERM is passed on.
    private func run(_ words: [String], url: String, in context: CommandContext) async throws
        -> TerminationStatus
    {
        context.signals.leaveToCommand()
        let process = RunningProcess()
        return try await withThrowingTaskGroup(of: TerminationStatus?.self) { tasks in
            tasks.addTask {
                do {
                    return try await Subprocess.run(
                        Self.executable(words[0]), arguments: Arguments(Array(words.dropFirst())),
                        environment: .inherit.updating(["REDSTREAM_URL": url]), input: .currentStandardInput,
                        output: .currentStandardOutput, error: .currentStandardError
                    ) { execution in
                        process.id.store(execution.processIdentifier.value, ordering: .sequentiallyConsistent)
                        // It may have come before there was anybody to pass it on to.
                        if context.signals.first == .terminate { kill(execution.processIdentifier.value, SIGTERM) }
                    }.terminationStatus
                } catch let error as SubprocessError {
                    throw Failure(.failed, "cannot run \(words[0]): \(error)")
                }
            }
            tasks.addTask {
                var number = 1
                while let request = await context.signals.request(number) {
                    number += 1
                    let id = process.id.load(ordering: .sequentiallyConsistent)
                    if request == .terminate, id > 0 { kill(id, SIGTERM) }
                }
                return nil
            }
            defer { tasks.cancelAll() }
            while let status = try await tasks.next() {
                if let status { return status }
            }
            throw CancellationError()
        }
    }

    /// What a shell would run: a path where there is a slash in it, else a name to look up.
    private static func executable(_ word: String) -> Executable {
        word.contains("/") ? .path(FilePath(word)) : .name(word)
    }

    /// The status as a shell has it: 128 and the signal for a command that was killed.
    private static func exitCode(of status: TerminationStatus) -> ExitCode {
        switch status {
        case .exited(let code): ExitCode(rawValue: Int32(code))
        case .signaled(let signal): ExitCode(rawValue: 128 + Int32(signal))
        }
    }
}

/// The process of the command, once it runs.
private final class RunningProcess: Sendable {
    let id = Atomic<pid_t>(0)
}
