import Redstream
import RedstreamSystem

/// Sends the output of a command to a file, another command, or into memory.
enum ShellOutput {
    /// Runs a command with its output in a file.
    static func writing<Value>(
        to path: String, appends: Bool, from context: CommandContext, _ body: (CommandContext) async throws -> Value
    ) async throws -> Value {
        let home = context.environment["HOME"] ?? ""
        let path = path.begins(with: "~/") ? home + path.dropFirst() : path
        let file = try await opened(path, appends: appends, in: context)
        do {
            let outcome = try await body(elsewhere(file.descriptor, context))
            try file.checkIsStored()
            return outcome
        } catch OutputError.failed(let error) {
            throw Failure(.failed, "cannot write \(path): \(error.reason)")
        } catch let error as SystemError {
            throw Failure(.failed, "cannot write \(path): \(error.reason)")
        }
    }

    /// Opens a file for output; for a pipe it waits until somebody reads it.
    private static func opened(
        _ path: String, appends: Bool, in context: CommandContext
    ) async throws -> OpenFile {
        try await context.interruptible {
            while true {
                do throws(SystemError) {
                    return try OpenFile.writing(path, appends: appends)
                } catch {
                    guard error.code == ENXIO, OpenFile.kind(of: path) == .pipe else {
                        throw Failure(
                            .failed, "cannot write \(path): \(error.reason)", hint: Failure.hint(for: error))
                    }
                }
                try await Timer.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Runs a command with its output into a shell command.
    ///
    /// - Returns: The outcome of ours, and the exit status of the shell command; no outcome if that reads no more,
    ///   which is no failure.
    /// - Throws: `SystemError` if the shell command cannot be started: then ours has not run; what `body` throws.
    static func piping<Value>(
        into command: String, from context: CommandContext, _ body: (CommandContext) async throws -> Value
    ) async throws -> (outcome: Value?, status: ExitCode) {
        // Before anything of ours runs, whose output might be lost.
        let (process, writeEnd) = try await ShellProcess.startReading(command, context.environment)
        var outcome: Value?
        do {
            outcome = try await body(elsewhere(writeEnd, context))
            close(writeEnd)
        } catch OutputError.closed {
            close(writeEnd)
        } catch {
            close(writeEnd)
            _ = await process.ended()
            throw error
        }
        return (outcome, await process.ended())
    }

    private static func elsewhere(_ descriptor: Int32, _ context: CommandContext) -> CommandContext {
        var inner = context
        inner.output = OutputFile(descriptor: descriptor)
        inner.outputIsTerminal = false
        return inner
    }

    /// Runs a command and keeps its output, which is still meant for a terminal.
    static func capturing<Value>(
        from context: CommandContext, _ body: (CommandContext) async throws -> Value
    ) async throws -> (Value, [UInt8]) {
        let (readEnd, writeEnd) = try Descriptor.pipe()
        defer { close(readEnd) }
        var inner = context
        inner.output = OutputFile(descriptor: writeEnd)
        async let collected = all(of: InputFile(descriptor: readEnd))
        do {
            let outcome = try await body(inner)
            close(writeEnd)
            return (outcome, try await collected)
        } catch {
            close(writeEnd)
            _ = try? await collected
            throw error
        }
    }

    /// Reads a file to its end.
    static func all(of file: InputFile) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            guard case .bytes(let chunk, _) = try await file.read(atMost: 65536) else { return bytes }
            bytes += chunk
        }
    }
}
