import TestSupport
import Testing

/// Starts a shell whose prompt is `redis>`, and leaves it again.
func withShell(
    _ arguments: [String] = [], rows: Int = 24, columns: Int = 100, environment: [String: String] = [:],
    on server: RedisServer? = nil, showsTimes: Bool = false, _ body: (Terminal, Fixture) async throws -> Void
) async throws {
    try await withNamespace(on: server) { fixture in
        let defaults = ["REDSTREAM_NAMESPACE": "", "REDSTREAM_HISTFILE": ""]
        let terminal = try Terminal(
            ["shell"] + arguments,
            environment: fixture.toolEnvironment.merging(defaults) { $1 }.merging(environment) { $1 }, rows: rows,
            columns: columns, showsTimes: showsTimes)
        try await terminal.shows { $0.cursorLine.hasSuffix(">") && $0.cursor.column > 0 }
        try await body(terminal, fixture)
        // Whatever was typed, Ctrl-C and Ctrl-D leave.
        try await terminal.shows("a prompt") { $0.cursorLine.contains("> ") || $0.cursorLine.hasSuffix(">") }
        terminal.type("\u{3}\u{4}")
        #expect(try await terminal.waitForExit() == .status(0))
    }
}

extension Terminal {
    /// Types a text behind what stands in the row, and presses Tab until it is completed.
    ///
    /// A busy machine may not find all names in the time of a Tab: it lists those that it knows, with the line below,
    /// and has the others at a later Tab. That one waits for the answer: of two at once the second would complete the
    /// line that the first has made.
    func complete(_ start: String, _ text: String, to end: String) async throws {
        func count(_ screen: TerminalScreen) -> Int {
            screen.lines.filter { ($0 + " ").hasPrefix(start + text) }.count
        }
        func isDone(_ screen: TerminalScreen) -> Bool { (screen.cursorLine + " ").hasPrefix(start + end) }
        let before = count(screen)
        type(text)
        try await shows("\(text) is typed") { count($0) == before + 1 && $0.cursor.column >= (start + text).count }
        for tries in 2...8 {
            type("\t")
            try await shows("Tab is answered") { isDone($0) || count($0) == before + tries }
            if isDone(screen) { return }
            try await Task.sleep(for: .milliseconds(tries * 50))
        }
        Issue.record("\(start)\(text) was never completed: \(screen.lines)")
    }

    /// Presses Tab until a line of names is listed.
    func list(_ line: String) async throws {
        func late(_ screen: TerminalScreen) -> Int { screen.lines.filter { $0.hasPrefix("(not found in time") }.count }
        let before = late(screen)
        for tries in 1...8 {
            type("\t")
            try await shows("Tab is answered") { $0.lines.contains(line) || late($0) == before + tries }
            if screen.lines.contains(line) { return }
            try await Task.sleep(for: .milliseconds(tries * 50))
        }
        Issue.record("\(line) was never listed: \(screen.lines)")
    }
}
