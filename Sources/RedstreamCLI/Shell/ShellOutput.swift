import LineEditing
import RedstreamSystem
import SystemPackage

/// Where the output of a command goes: the screen, by a pager where it is tall, a file, or another command.
enum ShellOutput {
    /// Runs a command with its output in a file.
    static func writing(
        to path: String, appends: Bool, from context: CommandContext,
        _ body: (CommandContext) async throws -> Shell.Outcome
    ) async throws -> Shell.Outcome {
        let home = context.environment["HOME"] ?? ""
        let path = path.hasPrefix("~/") ? home + path.dropFirst() : path
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(
                FilePath(path), .writeOnly, options: [.create, .closeOnExec, appends ? .append : .truncate],
                permissions: FilePermissions(rawValue: 0o666))
        } catch {
            throw Failure(.failed, "cannot write \(path): \(error)")
        }
        defer { try? file.close() }
        return try await body(elsewhere(file, context))
    }

    /// Runs a command with its output into a shell command; its exit status counts where ours was fine.
    ///
    /// - Throws: `SystemError` if the shell command could not be started: then the other one did not run; what `body`
    ///   throws.
    static func piping(
        into command: String, from context: CommandContext,
        _ body: (CommandContext) async throws -> Shell.Outcome
    ) async throws -> Shell.Outcome {
        let (readEnd, writeEnd) = try Descriptor.pipe()
        let output = FileDescriptor(rawValue: writeEnd)
        // Before anything of ours runs, whose output might be lost.
        let program: Program
        do {
            defer { close(readEnd) }
            program = try await start(command, input: readEnd, context.environment)
        } catch {
            try? output.close()
            throw error
        }
        let outcome: Shell.Outcome
        do {
            outcome = try await body(elsewhere(output, context))
            try? output.close()
        } catch {
            try? output.close()
            _ = await program.endedOrKilled()
            if case OutputError.closed = error { return .ran(.done) }
            throw error
        }
        let status = await program.endedOrKilled()
        return outcome == .ran(.done) ? .ran(ExitCode(status)) : outcome
    }

    private static func elsewhere(_ file: FileDescriptor, _ context: CommandContext) -> CommandContext {
        var inner = context
        inner.output = OutputFile(descriptor: file.rawValue)
        inner.outputIsTerminal = false
        return inner
    }

    /// Runs a command and keeps its output, which is still meant for a terminal.
    static func capturing(
        from context: CommandContext, _ body: (CommandContext) async throws -> Shell.Outcome
    ) async throws -> (Shell.Outcome, [UInt8]) {
        let (readEnd, writeEnd) = try Descriptor.pipe()
        let pipe = (readEnd: FileDescriptor(rawValue: readEnd), writeEnd: FileDescriptor(rawValue: writeEnd))
        defer { try? pipe.readEnd.close() }
        var inner = context
        inner.output = OutputFile(descriptor: pipe.writeEnd.rawValue)
        async let collected = all(of: pipe.readEnd)
        do {
            let outcome = try await body(inner)
            try pipe.writeEnd.close()
            return (outcome, try await collected)
        } catch {
            try? pipe.writeEnd.close()
            _ = try? await collected
            throw error
        }
    }

    private static func all(of end: FileDescriptor) async throws -> [UInt8] {
        let file = try InputFile(descriptor: end.rawValue)
        var bytes: [UInt8] = []
        while true {
            guard case .bytes(let chunk, _) = try await file.read(atMost: 65536) else { return bytes }
            bytes += chunk
        }
    }

    /// Shows text; what is taller than the screen of an interactive shell goes through the pager.
    static func show(_ text: [UInt8], in context: CommandContext) async throws {
        guard context.outputIsTerminal, isTall(text) else {
            return try await context.output.write(text)
        }
        let pager = context.environment["REDSTREAM_PAGER"] ?? context.environment["PAGER"] ?? "less -RX"
        guard !pager.isEmpty, pager != "cat" else { return try await context.output.write(text) }
        do {
            _ = try await piping(into: pager, from: context) { context in
                try await context.output.write(text)
                return .ran(.done)
            }
        } catch is SystemError {
            try await context.output.write(text)
        }
    }

    private static func isTall(_ text: [UInt8]) -> Bool {
        guard let size = TerminalSize(of: STDOUT_FILENO) else { return false }
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        return lines.reduce(-1) { $0 + size.rows(of: $1) } >= size.rows
    }

    /// Starts a shell command in the foreground, where the terminal's keys reach it.
    private static func start(
        _ command: String, arguments: [String] = [], input: Int32 = STDIN_FILENO, _ environment: [String: String]
    ) async throws(SystemError) -> Program {
        var launch = Launch("/bin/sh", ["-c", command, "redstream"] + arguments)
        launch.input = input
        // A sandbox's server is named in the context only.
        launch.variables = .inherited(["REDSTREAM_URL": environment["REDSTREAM_URL"]])
        return try await Program.start(launch)
    }

    /// Lets the user change a text in an editor.
    static func edited(_ text: String, environment: [String: String]) async throws -> String {
        var template = Array("/tmp/redstream-edit-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw Failure(.failed, "cannot make a temporary file") }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unlink(path) }
        let file = FileDescriptor(rawValue: descriptor)
        _ = try file.closeAfter { try file.writeAll(Array((text + "\n").utf8)) }
        let editor = [environment["VISUAL"], environment["EDITOR"]].compactMap(\.self).first { !$0.isEmpty } ?? "vi"
        let program = try await start(editor + " \"$1\"", arguments: [path], environment)
        let code = ExitCode(await program.endedOrKilled()).rawValue
        guard code == 0 else { throw Failure(.failed, "\(editor) exited with \(code): nothing is run") }
        let changed = try FileDescriptor.open(FilePath(path), .readOnly)
        defer { try? changed.close() }
        return String(decoding: try await all(of: changed), as: UTF8.self).trimmingBlanks
    }
}
