import RedstreamSystem

/// A command of /bin/sh that runs in the foreground of the shell: a pager, an editor, or what stands behind a `|`.
struct ShellProcess: Sendable {
    private let program: Program
    /// The settings of the terminal before the command.
    private let settings: TerminalSettings?

    /// Starts a command, where the terminal's keys reach it.
    ///
    /// - Throws: `SystemError` if /bin/sh cannot be started: then nothing of the command has run.
    static func start(
        _ command: String, arguments: [String] = [], input: Int32 = STDIN_FILENO, _ environment: [String: String]
    ) async throws(SystemError) -> ShellProcess {
        let settings = TerminalSettings(of: STDIN_FILENO)
        var launch = Launch("/bin/sh", ["-c", command, "redstream"] + arguments)
        launch.input = input
        // A sandbox's server is named in the context only.
        // Output is UTF-8 whatever the locale says, and less would show its bytes.
        launch.variables = .inherited([
            "REDSTREAM_URL": environment["REDSTREAM_URL"], "LESSCHARSET": environment["LESSCHARSET"] ?? "utf-8",
        ])
        return ShellProcess(program: try await Program.start(launch), settings: settings)
    }

    /// Starts a command whose standard input is a pipe.
    ///
    /// - Returns: The command, and the end of the pipe to write to, which the caller closes.
    /// - Throws: `SystemError` if it cannot be started: then nothing of the command has run.
    static func startReading(
        _ command: String, _ environment: [String: String]
    ) async throws(SystemError) -> (process: ShellProcess, writeEnd: Int32) {
        let (readEnd, writeEnd) = try Descriptor.pipe()
        defer { close(readEnd) }
        do throws(SystemError) {
            return (try await start(command, input: readEnd, environment), writeEnd)
        } catch {
            close(writeEnd)
            throw error
        }
    }

    /// Waits until the command has ended, and kills it if the task is cancelled.
    ///
    /// - Returns: The exit status, as a shell has it.
    func ended() async -> ExitCode {
        let status = await program.endedOrKilled()
        // A program that was killed leaves the terminal as it had set it.
        settings?.restore()
        return ExitCode(status)
    }
}

/// The settings of a terminal, to be put back behind a program that changes them.
struct TerminalSettings: Sendable {
    private let descriptor: Int32
    private let settings: termios

    /// Asks a terminal; nil for anything else.
    init?(of descriptor: Int32) {
        var settings = termios()
        guard tcgetattr(descriptor, &settings) == 0 else { return nil }
        self.descriptor = descriptor
        self.settings = settings
    }

    /// Puts the settings back; a process in the background would be stopped for it.
    func restore() {
        guard tcgetpgrp(descriptor) == getpgrp() else { return }
        var settings = settings
        _ = tcsetattr(descriptor, TCSADRAIN, &settings)
    }
}
