import TestSupport
import Testing

/// Hints as they stand on the screen, and that nothing of them stays.
struct ShellHintScreenTests {
    private static let greeting = "redstream 0.1.0: help lists commands, Ctrl-D leaves"
    private static let hint = "--stream <stream> --name <name> [--shards <number>] [--dry-run] [--output text|json]"

    @Test(arguments: [
        // What ends the line, moves in it, or changes it, and what is left of it.
        ("\u{3}", "redis> forget ^C"), ("\u{15}", "redis>"), ("\u{1}", "redis> forget"), ("\u{1B}[D", "redis> forget"),
        ("\u{17}", "redis>"), ("\u{7F}\u{7F}", "redis> forge"), ("--dr\t", "redis> forget --dry-run"),
    ])
    func areGoneWithWhatTheyBelongedTo(keys: String, expected: String) async throws {
        try await withShell(rows: 12, columns: 120) { terminal, _ in
            terminal.type("forget ")
            try await terminal.shows(line: "redis> forget " + Self.hint, cursorAt: 14)
            terminal.type(keys)
            try await terminal.shows { screen in
                let line = screen.lines.dropFirst().first ?? ""
                return line == expected || line.hasPrefix(expected + " --stream") && keys.hasSuffix("\t")
            }
        }
    }

    @Test func areGoneBeforeACommandWrites() async throws {
        try await withShell { terminal, _ in
            terminal.type("timing ")
            try await terminal.shows(line: "redis> timing [on|off]")
            terminal.type("\r")
            try await terminal.shows(lines: [Self.greeting, "redis> timing", "timing off", "redis>"])
        }
    }

    @Test func areNotInTheWayOfTheHistory() async throws {
        try await withShell(rows: 12, columns: 120) { terminal, _ in
            terminal.type("ECHO x\r")
            try await terminal.shows { $0.lines.suffix(2) == ["\"x\"", "redis>"] }
            terminal.type("forget ")
            try await terminal.shows(line: "redis> forget " + Self.hint)
            terminal.type("\u{1B}[A")
            try await terminal.shows(line: "redis> ECHO x")
            terminal.type("\u{1B}[B")
            try await terminal.shows { $0.cursorLine.hasPrefix("redis> forget") }
            terminal.type("\u{15}")
            try await terminal.shows(lines: [Self.greeting, "redis> ECHO x", "\"x\"", "redis>"])
        }
    }

    @Test func endAtTheMarginAndNeverWrap() async throws {
        // The greeting wraps from 50 columns down; the prompt and the command take 14.
        for columns in [15, 16, 17, 20, 51, 60] {
            try await withShell(rows: 12, columns: columns) { terminal, _ in
                terminal.type("forget ")
                let room = columns - 15
                let shown = "redis> forget " + Self.hint.prefix(room)
                try await terminal.shows(line: String(shown.reversed().drop { $0 == " " }.reversed()), cursorAt: 14)
                #expect(terminal.screen.cursor.row == terminal.screen.lines.count - 1)
                terminal.type("\u{15}")
                try await terminal.shows(line: "redis>")
            }
        }
    }

    @Test func followTextThatFillsRows() async throws {
        try await withShell(rows: 12, columns: 60) { terminal, _ in
            let filling = String(repeating: "x", count: 60 - "redis> forget --stream ".count)
            // The row is full: the cursor is in the next one, where nothing of the hint may stand before it.
            terminal.type("forget --stream \(filling)")
            try await terminal.shows(lines: [Self.greeting, "redis> forget --stream \(filling)"])
            #expect(terminal.screen.cursor == (2, 0))
            terminal.type(" ")
            let rest = Self.hint.dropFirst("--stream <stream> ".count)
            try await terminal.shows(lines: [Self.greeting, "redis> forget --stream \(filling)", " " + rest.prefix(58)])
            terminal.type("\u{7F}\u{7F}")
            try await terminal.shows { $0.lines == [Self.greeting, "redis> forget --stream \(filling.dropLast())"] }
        }
    }

    @Test func followWideCharacters() async throws {
        try await withShell(rows: 12, columns: 60) { terminal, _ in
            let rest = Self.hint.dropFirst("--stream <stream> ".count)
            terminal.type("forget --stream 日本語é ")
            try await terminal.shows(line: "redis> forget --stream 日本語é " + rest.prefix(28), cursorAt: 31)
            terminal.type("\u{7F}\u{7F}\u{7F} ")
            try await terminal.shows(line: "redis> forget --stream 日本 " + rest.prefix(31), cursorAt: 28)
            terminal.type("\r")
            try await terminal.shows { $0.lines.dropFirst().first == "redis> forget --stream 日本" }
        }
    }

    @Test func areDrawnAnewInAWindowOfAnotherSize() async throws {
        try await withShell(rows: 12, columns: 60) { terminal, _ in
            terminal.type("forget ")
            try await terminal.shows(line: "redis> forget " + Self.hint.prefix(45), cursorAt: 14)
            terminal.resize(rows: 12, columns: 120)
            try await terminal.shows(line: "redis> forget " + Self.hint, cursorAt: 14)
            terminal.resize(rows: 12, columns: 30)
            try await terminal.shows(line: "redis> forget " + Self.hint.prefix(15), cursorAt: 14)
            terminal.type("x")
            try await terminal.shows {
                $0.cursorLine == "redis> forget x" || $0.cursorLine.hasPrefix("redis> forget x -")
            }
        }
    }

    @Test func areLeftOutInALineOfSeveralRowsAndBehindAPipe() async throws {
        try await withShell { terminal, _ in
            terminal.type("forget | ")
            try await terminal.shows(line: "redis> forget |", cursorAt: 16)
            terminal.type("\u{15}ECHO 'a\rforget ")
            try await terminal.shows(line: "...> forget", cursorAt: 12)
        }
    }
}
