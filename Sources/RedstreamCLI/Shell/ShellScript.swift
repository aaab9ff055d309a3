import LineEditing
import RedstreamSystem

/// Runs commands from arguments, a file, or a pipe.
struct ShellScript: Sendable {
    var shell: Shell
    let keepsGoing: Bool

    /// Runs the commands of `-c`, one after the other.
    func run(_ commands: [[UInt8]]) async throws -> ExitCode {
        var rest = commands[...]
        return try await run { rest.popFirst().map { (nil, $0) } }
    }

    /// Runs the commands of a file.
    func run(file path: String) async throws -> ExitCode {
        let file = try OpenFile.input(path)
        defer { withExtendedLifetime(file) {} }
        return try await run(lines: file.descriptor, name: path)
    }

    /// Runs the commands on standard input, which is empty for a command that reads it itself.
    func run(standardInput descriptor: Int32) async throws -> ExitCode {
        let nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard nothing >= 0 else { throw SystemError("cannot open /dev/null") }
        defer { close(nothing) }
        var script = self
        script.shell.context.input = nothing
        script.shell.context.inputIsTerminal = false
        return try await script.run(lines: descriptor, name: "standard input")
    }

    private func run(lines descriptor: Int32, name: String) async throws -> ExitCode {
        let lines = try PlainLines(descriptor: descriptor)
        var number = 0
        return try await run {
            guard var text = try await next(of: lines, after: number, name: name) else { return nil }
            number += 1
            let first = number
            if first == 1 { text = try ByteOrderMark.removed(from: text, shell.context.console, name) }
            var quote = LineTokenizer.openQuote(text)
            while let open = quote, let line = try await next(of: lines, after: number, name: name) {
                number += 1
                text += [UInt8(ascii: "\n")] + line
                // No other line can close it.
                if line.contains(open) { quote = LineTokenizer.openQuote(text) }
            }
            return ("\(name), line \(first)", text)
        }
    }

    /// Reads a line; the first signal ends the wait for it.
    ///
    /// - Throws: ``Failure`` if it cannot be read: half a script must not look like a whole one.
    private func next(of lines: PlainLines, after number: Int, name: String) async throws -> [UInt8]? {
        if let line = lines.bufferedLine() { return line }
        do {
            return try await shell.context.interruptible { try await lines.nextLine() }
        } catch let error as SystemError {
            let place = number == 0 ? "nothing was run" : "it was run up to line \(number)"
            throw Failure(.badData, "cannot read \(name): \(error.reason); \(place)")
        }
    }

    /// Stops at the first error, with its exit code; a signal stops in any case.
    private func run(_ next: () async throws -> (place: String?, text: [UInt8])?) async throws -> ExitCode {
        var first = ExitCode.done
        while let (place, text) = try await next() {
            let began = ContinuousClock.now
            let outcome = await shell.run(text, in: shell.context)
            if let request = shell.context.signals.first { return request.exitCode }
            if shell.session.state.showsEveryTime {
                shell.context.console.say("(\(began.duration(to: .now).inSeconds))")
            }
            guard case .ran(let code) = outcome else { break }
            guard code != .done else { continue }
            if first == .done { first = code }
            if let place { shell.context.console.note(keepsGoing ? "\(place) failed" : "\(place): stopped here") }
            if !keepsGoing { return code }
        }
        return shell.noteOpenTransaction() && first == .done ? .failed : first
    }
}

extension Duration {
    /// The duration as seconds with two decimals: `0.52s`.
    var inSeconds: String {
        let hundredths = Int(self / .milliseconds(10))
        return "\(hundredths / 100).\((hundredths % 100).padded(to: 2))s"
    }
}
