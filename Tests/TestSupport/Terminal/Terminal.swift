import FoundationEssentials
import RedstreamSystem
import Synchronization

/// The tool on a real pseudo-terminal, and the screen that somebody in front of it would see.
///
/// ```swift
/// let terminal = try fixture.screen("shell")
/// try await terminal.shows { $0.cursorLine.hasSuffix("> ") }
/// terminal.type("PING\r")
/// ```
package final class Terminal: Sendable {
    private let child: ChildProcess
    private let main: OwnedDescriptor
    private let held: Mutex<TerminalScreen>
    private let writer = WorkerThread()
    /// The screen that is to change, and when it did.
    private let change = Mutex<(before: TerminalScreen, at: ContinuousClock.Instant?)?>(nil)
    private let showsTimes: Bool

    /// Starts the tool, or another program in its place, in front of a screen of that size.
    ///
    /// Rows that tell how long a command took are left out of what is looked at, unless a test is about them: any
    /// command may take long on a busy machine.
    package init(
        _ arguments: [String], environment: [String: String] = [:], rows: Int = 24, columns: Int = 80,
        program: String = ToolProcess.executable, showsTimes: Bool = false
    ) throws {
        self.showsTimes = showsTimes
        var main: Int32 = -1
        var other: Int32 = -1
        var name = [CChar](repeating: 0, count: 1024)
        guard openpty(&main, &other, &name, nil, nil) == 0 else { throw SystemError("openpty") }
        defer { close(other) }
        let path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        _ = fcntl(main, F_SETFD, FD_CLOEXEC)
        let owned = OwnedDescriptor(main)
        self.main = owned
        held = Mutex(TerminalScreen(rows: rows, columns: columns))
        Self.setSize(of: main, rows, columns)
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(null) }
        let variables = ProcessEnvironment.minimal.merging(["TERM": "xterm"]) { $1 }.merging(environment) { $1 }
        // Whoever leads a session and opens a terminal has it as its own: Ctrl-C is a signal then.
        child = try ChildProcess.start(
            "sh", ["-c", "exec \"$0\" \"$@\" <>\(path) >&0 2>&0", program] + arguments,
            environment: variables, input: null, output: null, error: null)
        try startThread { [weak self, owned] in
            var buffer = [UInt8](repeating: 0, count: 65536)
            while true {
                let count = read(owned.number, &buffer, buffer.count)
                if count > 0 {
                    guard let self else { return }
                    let now = ContinuousClock.now
                    let screen = held.withLock { screen in
                        screen.feed(buffer[..<count])
                        return screen
                    }
                    change.withLock { change in
                        if change?.at == nil, change?.before.looksLike(screen) == false { change?.at = now }
                    }
                } else if count == 0 || errno == EIO {
                    // Nobody has it open: not yet, or not any more.
                    guard let self, self.child.exit == nil else { return }
                    usleep(2000)
                } else if errno != EINTR {
                    return
                }
            }
        }
    }

    deinit {
        // The thread that reads meets the end then.
        child.signal(SIGKILL)
    }

    /// The screen as it stands.
    package var screen: TerminalScreen {
        let screen = held.withLock { $0 }
        return showsTimes ? screen : screen.without(Self.isTime)
    }
    /// The process id of the tool.
    package var processID: Int32 { child.processID }
    /// The tool's end; nil while it runs.
    package var exit: ChildProcess.Exit? { child.exit }

    /// Sends a signal to the tool, unless it has ended.
    package func signal(_ number: Int32) {
        child.signal(number)
    }

    /// Presses keys.
    package func type(_ text: String) {
        let main = main
        try? writer.enqueue {
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(main.number, $0.baseAddress, $0.count) }
                if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return }
            }
        }
    }

    /// Presses keys, and measures the time to the change that they make on the screen.
    ///
    /// It is measured on threads that do nothing else: the tasks of other tests would be measured too.
    package func timeToChange(typing text: String) async throws -> Duration {
        let main = main
        change.withLock { $0 = (held.withLock { $0 }, nil) }
        let began = try await onThread {
            let began = ContinuousClock.now
            try Descriptor.writeAll(Array(text.utf8), to: main.number)
            return began
        }
        let changed = try await eventually("\(text) changes the screen") { change.withLock { $0?.at } }
        return began.duration(to: changed)
    }

    /// Gives the window another size.
    package func resize(rows: Int, columns: Int) {
        held.withLock { $0.resize(rows: rows, columns: columns) }
        Self.setSize(of: main.number, rows, columns)
    }

    /// Waits until the screen is as it should be.
    package func shows(
        _ what: String = "the screen is right", file: StaticString = #fileID, line: UInt = #line,
        _ fact: (TerminalScreen) -> Bool
    ) async throws {
        do {
            try await eventually(what, file: file, line: line) { fact(self.screen) }
        } catch {
            let screen = screen
            throw SystemError(
                "\(error)\n\(screen.lines.joined(separator: "\n"))\ncursor at \(screen.cursor); \(state)", code: 0)
        }
    }

    /// The calls of the system in which the threads of the tool wait, and the output that was not read yet.
    private var state: String {
        if let exit = child.exit { return "it has ended: \(exit)" }
        let folder = "/proc/\(processID)/task"
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let calls = threads.map { (try? String(contentsOfFile: "\(folder)/\($0)/wchan", encoding: .utf8)) ?? "?" }
        var unread: Int32 = 0
        _ = ioctl(main.number, UInt(FIONREAD), &unread)
        return "it waits in \(calls.sorted()); \(unread) bytes are unread"
    }

    /// Waits until the row of the cursor reads so, and the cursor is there; blanks at the end do not count.
    package func shows(
        line text: String, cursorAt column: Int? = nil, file: StaticString = #fileID, line: UInt = #line
    ) async throws {
        try await shows("the cursor is in the row: \(text)", file: file, line: line) { screen in
            screen.cursorLine == text && (column == nil || screen.cursor.column == column)
        }
    }

    /// Waits until these are the rows on the screen.
    package func shows(
        lines: [String], file: StaticString = #fileID, line: UInt = #line
    ) async throws {
        try await shows("the screen is \(lines)", file: file, line: line) { $0.lines == lines }
    }

    /// Waits for the end of the tool.
    @discardableResult
    package func waitForExit() async throws -> ChildProcess.Exit {
        try await child.waitForExit()
    }

    /// Returns true if a row is a number of seconds in parentheses.
    private static func isTime(_ row: String) -> Bool {
        row.hasPrefix("(") && row.hasSuffix("s)") && Double(row.dropFirst().dropLast(2)) != nil
    }

    private static func setSize(of terminal: Int32, _ rows: Int, _ columns: Int) {
        var size = winsize()
        size.ws_row = UInt16(rows)
        size.ws_col = UInt16(columns)
        _ = ioctl(terminal, UInt(TIOCSWINSZ), &size)
    }
}

extension Fixture {
    /// Starts the tool on a terminal, in this namespace.
    package func screen(
        _ arguments: String..., environment: [String: String] = [:], rows: Int = 24, columns: Int = 80
    ) throws -> Terminal {
        try Terminal(
            arguments, environment: toolEnvironment.merging(environment) { $1 }, rows: rows, columns: columns)
    }
}
