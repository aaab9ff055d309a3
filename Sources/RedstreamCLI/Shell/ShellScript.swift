import LineEditing
import RedstreamSystem

/// Runs commands that nobody types: from arguments, a file, or a pipe.
struct ShellScript: Sendable {
    private let shell: Shell
    private let keepsGoing: Bool

    init(_ shell: Shell, keepsGoing: Bool) {
        self.shell = shell
        self.keepsGoing = keepsGoing
    }

    /// Runs the commands of `-c`, one after the other.
    func run(_ commands: [[UInt8]]) async throws -> ExitCode {
        var rest = commands[...]
        return try await run { rest.popFirst().map { (nil, $0) } }
    }

    /// Runs the commands of a file.
    func run(file path: String) async throws -> ExitCode {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            shell.context.console.fail(
                Failure(.badData, "cannot open \(path): \(SystemError.text(of: errno))"))
            return .badData
        }
        defer { close(descriptor) }
        return try await run(lines: descriptor, name: path)
    }

    /// Runs the commands that come by standard input; what reads standard input itself finds it empty.
    func run(standardInput descriptor: Int32) async throws -> ExitCode {
        let nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(nothing) }
        var shell = shell
        shell.setInput(nothing)
        return try await ShellScript(shell, keepsGoing: keepsGoing).run(lines: descriptor, name: "standard input")
    }

    private func run(lines descriptor: Int32, name: String) async throws -> ExitCode {
        let lines = PlainLines(descriptor: descriptor)
        var number = 0
        return try await run {
            guard var text = try await lines.nextLine() else { return nil }
            number += 1
            let first = number
            while LineTokenizer.isOpen(text), let line = try await lines.nextLine() {
                number += 1
                text += [UInt8(ascii: "\n")] + line
            }
            return ("\(name), line \(first)", text)
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
            guard case .ran(let code) = outcome else { return first }
            guard code != .done else { continue }
            if first == .done { first = code }
            if let place { shell.context.console.note("\(place): stopped here".droppingStop(keepsGoing)) }
            if !keepsGoing { return code }
        }
        return first
    }
}

extension String {
    /// The place alone, where the script goes on.
    fileprivate func droppingStop(_ isDropped: Bool) -> String {
        isDropped ? String(dropLast(": stopped here".count)) + " failed" : self
    }
}

extension Duration {
    /// The duration as seconds with two decimals: `0.52s`.
    var inSeconds: String {
        let hundredths = Int(self / .milliseconds(10))
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)s"
    }
}
