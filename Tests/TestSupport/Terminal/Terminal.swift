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
    private let main: Int32
    private let held: Mutex<TerminalScreen>
    private let writer = WorkerThread()
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
        self.main = main
        held = Mutex(TerminalScreen(rows: rows, columns: columns))
        Self.setSize(of: main, rows, columns)
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(null) }
        let variables = ProcessEnvironment.minimal.merging(["TERM": "xterm"]) { $1 }.merging(environment) { $1 }
        // Whoever leads a session and opens a terminal has it as its own: Ctrl-C is a signal then.
        child = try ChildProcess.start(
            "sh", ["-c", "exec \"$0\" \"$@\" <>\(path) >&0 2>&0", program] + arguments,
            environment: variables, input: null, output: null, error: null)
        try startThread { [weak self, main] in
            var buffer = [UInt8](repeating: 0, count: 65536)
            while true {
                let count = read(main, &buffer, buffer.count)
                if count > 0 {
                    guard let self else { return }
                    held.withLock { $0.feed(buffer[..<count]) }
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
        child.signal(SIGKILL)
        close(main)
    }

    /// What is on the screen.
    package var screen: TerminalScreen {
        let screen = held.withLock { $0 }
        return showsTimes ? screen : screen.without(Self.isTime)
    }
    /// The process id of the tool.
    package var processID: Int32 { child.processID }
    /// How the tool ended; nil while it runs.
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
                let count = rest.withUnsafeBytes { write(main, $0.baseAddress, $0.count) }
                if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return }
            }
        }
    }

    /// Gives the window another size.
    package func resize(rows: Int, columns: Int) {
        held.withLock { $0.resize(rows: rows, columns: columns) }
        Self.setSize(of: main, rows, columns)
    }

    /// Waits until the screen is as it should be.
    package func shows(
        _ what: String = "the screen is right", file: StaticString = #fileID, line: UInt = #line,
        _ fact: (TerminalScreen) -> Bool
    ) async throws {
        do {
            try await eventually(what, within: .seconds(10), file: file, line: line) { fact(self.screen) }
        } catch {
            let screen = screen
            throw SystemError(
                "\(error)\n\(screen.lines.joined(separator: "\n"))\ncursor at \(screen.cursor)", code: 0)
        }
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

    /// Whether a row is a number of seconds in parentheses.
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
