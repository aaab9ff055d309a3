import TestSupport
import Testing

/// Starts a shell whose prompt is `redis>`, and leaves it again.
func withShell(
    _ arguments: [String] = [], rows: Int = 24, columns: Int = 100, environment: [String: String] = [:],
    on server: RedisServer? = nil, _ body: (Terminal, Fixture) async throws -> Void
) async throws {
    try await withNamespace(on: server) { fixture in
        let defaults = ["REDSTREAM_NAMESPACE": "", "REDSTREAM_HISTFILE": ""]
        let terminal = try Terminal(
            ["shell"] + arguments,
            environment: fixture.toolEnvironment.merging(defaults) { $1 }.merging(environment) { $1 }, rows: rows,
            columns: columns)
        try await terminal.shows { $0.cursorLine.hasSuffix(">") && $0.cursor.column > 0 }
        try await body(terminal, fixture)
        // Whatever was typed, Ctrl-C and Ctrl-D leave.
        try await terminal.shows("a prompt") { $0.cursorLine.contains("> ") || $0.cursorLine.hasSuffix(">") }
        terminal.type("\u{3}\u{4}")
        #expect(try await terminal.waitForExit() == .status(0))
    }
}
