import RedstreamSystem
import SystemPackage

/// Sends the output of a command to a file, another command, or into memory.
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
        let outcome: Shell.Outcome
        do {
            outcome = try await body(elsewhere(file, context))
        } catch {
            try? file.close()
            guard case OutputError.failed(let reason) = error else { throw error }
            throw Failure(.failed, "cannot write \(path): \(reason)")
        }
        do {
            // Some file systems tell only now that they have no room.
            try file.close()
        } catch {
            throw Failure(.failed, "cannot write \(path): \(error)")
        }
        return outcome
    }

    /// Runs a command with its output into a shell command.
    ///
    /// - Returns: The outcome of ours, and the exit status of the shell command. One that reads no more is no failure
    ///   of ours.
    /// - Throws: `SystemError` if the shell command cannot be started: then ours has not run; what `body` throws.
    static func piping(
        into command: String, from context: CommandContext,
        _ body: (CommandContext) async throws -> Shell.Outcome
    ) async throws -> (outcome: Shell.Outcome, status: ExitCode) {
        let (readEnd, writeEnd) = try Descriptor.pipe()
        let file = FileDescriptor(rawValue: writeEnd)
        // Before anything of ours runs, whose output might be lost.
        let process: ShellProcess
        do {
            defer { close(readEnd) }
            process = try await ShellProcess.start(command, input: readEnd, context.environment)
        } catch {
            try? file.close()
            throw error
        }
        var outcome = Shell.Outcome.ran(.done)
        do {
            outcome = try await body(elsewhere(file, context))
            try? file.close()
        } catch OutputError.closed {
            try? file.close()
        } catch {
            try? file.close()
            _ = await process.ended()
            throw error
        }
        return (outcome, await process.ended())
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

    /// Reads a descriptor to its end.
    static func all(of end: FileDescriptor) async throws -> [UInt8] {
        let file = try InputFile(descriptor: end.rawValue)
        var bytes: [UInt8] = []
        while true {
            guard case .bytes(let chunk, _) = try await file.read(atMost: 65536) else { return bytes }
            bytes += chunk
        }
    }
}
