import LineEditing
import RedstreamConnection
import RedstreamSystem
import Synchronization

/// The shell at a terminal: reads a command, runs it, and begins again until Ctrl-D.
struct InteractiveShell: Sendable {
    private let shell: Shell
    private let reader: LineReader
    private let history: ShellHistory
    private let current = CurrentCommand()

    /// Prepares to read commands.
    ///
    /// - Throws: `SystemError` if the system has no means to read them.
    init(_ shell: Shell) throws(SystemError) {
        var shell = shell
        let assistant = ShellAssistant(
            session: shell.session, grammar: shell.grammar, catalogue: shell.catalogue, names: shell.names,
            environment: shell.context.environment)
        history = ShellHistory(environment: shell.context.environment)
        reader = try LineReader(
            program: "redstream", input: shell.context.input, output: STDOUT_FILENO,
            terminal: shell.context.environment["TERM"], assistant: assistant)
        shell.reader = reader
        shell.history = history
        shell.catalogue.onNews { [reader] in reader.redraw() }
        self.shell = shell
    }

    /// Runs until it is left.
    ///
    /// - Throws: `SystemError` if the system has no means to read a line.
    func run() async throws -> ExitCode {
        shell.context.signals.leaveToCommand()
        reader.setHistory(history.lines)
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await routeSignals() }
            await greet()
            defer { tasks.cancelAll() }
            return try await readAndRun()
        }
    }

    /// Connects, unless Ctrl-C ends that, and says hello.
    private func greet() async {
        await withOwnSignals { context in
            do {
                _ = try await context.interruptible { try await shell.raw.connection() }
            } catch {
                if context.signals.first == nil {
                    context.console.fail(Failure(error, while: "the server is away"))
                }
            }
        }
        if let problem = history.problem { shell.context.console.note(problem) }
        if reader.isEditing {
            shell.context.console.say("redstream \(RedstreamCommand.version): help lists commands, Ctrl-D leaves")
        }
    }

    /// Hands Ctrl-C to the command that runs, or clears the line.
    ///
    /// It never ends the shell. SIGTERM and SIGHUP do.
    private func routeSignals() async {
        var number = 1
        while let request = await shell.context.signals.request(number) {
            number += 1
            // A command may have asked something.
            current.pass(request)
            reader.interrupt()
        }
    }

    private func readAndRun() async throws -> ExitCode {
        let isColored = reader.isEditing && shell.context.environment["NO_COLOR"] ?? "" == ""
        while true {
            let check = await shell.raw.check()
            if let loss = check.loss { shell.context.console.fail(loss) }
            if let server = check.backAt { shell.context.console.note("connected again to \(server)") }
            let prompt = ShellPrompt.text(shell.session.state, isColored: isColored)
            let outcome = try await reader.command(prompt: prompt, continuation: ShellPrompt.continuation)
            if current.wasTerminated { return .terminated }
            switch outcome {
            case .interrupted: continue
            case .line(let text) where await runs(text): continue
            case .line, .ended:
                shell.noteOpenTransaction()
                return current.wasTerminated ? .terminated : .done
            }
        }
    }

    /// Runs typed text.
    ///
    /// - Returns: False if the shell is to end.
    private func runs(_ text: [UInt8]) async -> Bool {
        let line = String(decoding: text, as: UTF8.self).trimmingBlanks
        guard !line.isEmpty else { return true }
        // A blank in front keeps a line out of the history.
        if text.first != UInt8(ascii: " "), history.add(line) { reader.addHistory(line) }
        return await withOwnSignals { context in
            let began = ContinuousClock.now
            let outcome = await shell.run(text, in: context)
            let time = began.duration(to: .now) - shell.userTime.take()
            // Ctrl-C was the command's.
            reader.forgetInterruptions()
            let wasInterrupted = context.signals.first != nil
            // The terminal has written ^C, and left the cursor behind it.
            if wasInterrupted { context.console.say("") }
            // The time of a command that Ctrl-C ended says when Ctrl-C was pressed.
            let isSlow = time >= .milliseconds(500) && !wasInterrupted
            if outcome != .left, isSlow || shell.session.state.showsEveryTime {
                context.console.say("(\(time.inSeconds))")
            }
            return outcome != .left && !current.wasTerminated
        }
    }

    /// Runs work that gets the signals of its time.
    private func withOwnSignals<Value>(_ work: (CommandContext) async -> Value) async -> Value {
        let signals = SignalMonitor()
        signals.leaveToCommand()
        current.begin(signals)
        defer { current.end() }
        var context = shell.context
        context.signals = signals
        return await work(context)
    }
}

/// The signals of the command that runs.
private final class CurrentCommand: Sendable {
    private struct State {
        var signals: SignalMonitor?
        var wasTerminated = false
    }

    private let state = Mutex(State())

    var wasTerminated: Bool { state.withLock { $0.wasTerminated } }

    func begin(_ signals: SignalMonitor) {
        state.withLock { $0.signals = signals }
    }

    func end() {
        state.withLock { $0.signals = nil }
    }

    /// Passes a request on to the command that runs, if there is one.
    func pass(_ request: StopRequest) {
        let signals = state.withLock { state in
            if request.endsProcess { state.wasTerminated = true }
            return state.signals
        }
        signals?.send(request)
    }
}

/// The prompt: server, database, namespace, stream, transaction, and whether the server is away.
enum ShellPrompt {
    /// The prompt for a state; colours stand between two U+0001.
    static func text(_ state: ShellSession.State, isColored: Bool) -> String {
        var parts = [server(state.configuration)]
        if let namespace = state.namespace, !namespace.isEmpty { parts.append("@\(TerminalText.escaped(namespace))") }
        if let stream = state.stream { parts.append(colored(TerminalText.escaped(stream), "36", isColored)) }
        if state.isInTransaction { parts.append(colored("(TX)", "33", isColored)) }
        if state.isDown { parts.append(colored("(down)", "31", isColored)) }
        return parts.joined(separator: " ") + "> "
    }

    /// The prompt of further lines.
    static let continuation = "...> "

    private static func server(_ configuration: RedisConfiguration) -> String {
        let address =
            switch configuration.address {
            case .tcp: configuration.address.description
            case .sentinel(let service, _): service
            case .cluster(let nodes): "cluster:" + (nodes.first?.description ?? "") + (nodes.count > 1 ? ",…" : "")
            case .unix(let path): path.unicodeScalars.split(separator: "/").last.map(String.init) ?? path
            }
        return TerminalText.escaped(address) + (configuration.database == 0 ? "" : "[\(configuration.database)]")
    }

    private static func colored(_ text: String, _ code: String, _ isColored: Bool) -> String {
        isColored ? "\u{1}\u{1B}[\(code)m\u{1}\(text)\u{1}\u{1B}[0m\u{1}" : text
    }
}
