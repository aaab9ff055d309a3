import Redstream
import RedstreamConnection
import TestSupport
import Testing

/// The screen of a terminal while somebody types.
struct ShellEditingTests {
    /// Starts a shell in use of the stream `products`, whose prompt is `redis @n products> `.
    private func withShell(
        rows: Int = 24, columns: Int = 80, environment: [String: String] = [:],
        _ body: (Terminal, Fixture, String) async throws -> Void
    ) async throws {
        try await withNamespace { fixture in
            let history = try TemporaryDirectory()
            try await fixture.add(numbered: 1...3, to: fixture.keys.stream("products"))
            let defaults = ["REDSTREAM_NAMESPACE": fixture.namespace, "REDSTREAM_HISTFILE": "\(history.path)/h"]
            let terminal = try fixture.screen(
                "shell", "--stream", "products", environment: defaults.merging(environment) { $1 }, rows: rows,
                columns: columns)
            let prompt = "redis @\(fixture.namespace) products>"
            try await terminal.shows(line: prompt)
            try await body(terminal, fixture, prompt)
            // Whatever was typed, Ctrl-C and Ctrl-D leave.
            terminal.type("\u{3}\u{4}")
            #expect(try await terminal.waitForExit() == .status(0))
        }
    }

    @Test func showsAHintThatShrinksAndLeavesNothingBehind() async throws {
        try await withShell(columns: 160) { terminal, _, prompt in
            terminal.type("forget ")
            try await terminal.shows(
                line: "\(prompt) forget --name <name> [--shards <number>] [--dry-run] [--output text|json]",
                cursorAt: prompt.count + 8)
            terminal.type("--name ")
            try await terminal.shows(line: "\(prompt) forget --name <name>", cursorAt: prompt.count + 15)
            terminal.type("a ")
            try await terminal.shows(
                line: "\(prompt) forget --name a [--shards <number>] [--dry-run] [--output text|json]")
            terminal.type("\u{15}")
            try await terminal.shows(line: prompt, cursorAt: prompt.count + 1)
        }
    }

    @Test func showsRedissOwnHints() async throws {
        try await withShell(columns: 160) { terminal, _, prompt in
            terminal.type("XLEN ")
            // A server older than 7.0 tells nothing.
            try await terminal.shows { [prompt + " XLEN key", prompt + " XLEN"].contains($0.cursorLine) }
            terminal.type("k ")
            try await terminal.shows(line: "\(prompt) XLEN k")
        }
    }

    @Test func cutsTheHintAtTheEdgeOfTheScreen() async throws {
        try await withShell(columns: 100) { terminal, _, prompt in
            terminal.type("consume ")
            try await terminal.shows { $0.cursorLine.hasPrefix("\(prompt) consume [--name") }
            #expect(terminal.screen.cursorLine.count < 100)
            #expect(terminal.screen.lines.last == terminal.screen.cursorLine)
        }
    }

    @Test func completesCommandsOptionsAndLiveNames() async throws {
        try await withShell(rows: 60, columns: 200) { terminal, fixture, prompt in
            try await fixture.redis("SET", fixture.keys.offset(.init(stream: "products", name: "indexer")), "0-0")
            try await fixture.add(to: fixture.keys.stream("orders"))
            try await terminal.complete("\(prompt) ", "forg", to: "forget ")
            terminal.type("--na\t")
            // It could still be --namespace.
            try await terminal.shows {
                $0.cursorLine.hasPrefix("\(prompt) forget --name") && $0.cursor.column == prompt.count + 14
            }
            terminal.type(" ")
            try await terminal.complete("\(prompt) forget --name ", "ind", to: "indexer ")
            terminal.type("\u{15}")
            try await terminal.complete("\(prompt) ", "use or", to: "use orders")
            terminal.type("\u{15}")
            let key = fixture.keys.stream("products").description
            try await terminal.complete("\(prompt) ", "XLEN \(key.dropLast(3))", to: "XLEN \(key)")
        }
    }

    @Test func completesPositionsListsAndFiles() async throws {
        try await withShell(columns: 160) { terminal, fixture, prompt in
            try await fixture.redis("SET", fixture.keys.offset(.init(stream: "products", name: "indexer")), "0-0")
            // Of a stream whose name goes on behind a colon, not of this one.
            try await fixture.add(to: fixture.keys.stream("products:old"))
            try await fixture.redis("SET", fixture.keys.offset(.init(stream: "products:old", name: "x")), "0-0")
            for (typed, completed) in [
                ("consume --from earl", "consume --from earliest "), ("seek --name ind", "seek --name indexer "),
                ("seek --name a --to committed:i", "seek --name a --to committed:indexer "),
                ("trim --consumers a,", "trim --consumers a,indexer "),
                ("trim --consumers=", "trim --consumers=indexer "),
                ("produce --file /etc/passw", "produce --file /etc/passwd"),
                ("inspect-offsets -o pro", "inspect-offsets -o prometheus "),
            ] {
                try await terminal.complete("\(prompt) ", typed, to: completed)
                terminal.type("\u{15}")
                try await terminal.shows(line: prompt)
            }
        }
    }

    @Test func completesFamiliesAsTheServerHasThem() async throws {
        try await withShell(rows: 60, columns: 160) { terminal, _, prompt in
            try await terminal.complete("\(prompt) ", "xinf", to: "xinfo")
            terminal.type("\t")
            try await terminal.shows { screen in
                screen.lines.contains { $0.split(separator: " ") == ["CONSUMERS", "GROUPS", "STREAM"] }
            }
            terminal.type("st\t")
            try await terminal.shows { $0.cursorLine.hasPrefix("\(prompt) xinfo STREAM") }
            // Redis 7.0 brought it; there is none in the table for older servers.
            guard try await RedisServer.shared.knows(7, 0) else { return }
            terminal.type("\u{15}function l\t\t")
            try await terminal.shows { $0.lines.contains { $0.split(separator: " ") == ["LIST", "LOAD"] } }
        }
    }

    @Test func completesCommandsWithinCommandsAndTheirOptions() async throws {
        try await withShell(columns: 200) { terminal, fixture, prompt in
            try await fixture.redis("SET", fixture.keys.offset(.init(stream: "products", name: "indexer")), "0-0")
            terminal.type("dead-letters rep\t")
            try await terminal.shows { $0.cursorLine.hasPrefix("\(prompt) dead-letters replay --consumer <name>") }
            terminal.type("--cons\t")
            try await terminal.shows { $0.cursorLine.hasPrefix("\(prompt) dead-letters replay --consumer ") }
            terminal.type("\u{15}")
            try await terminal.shows(line: prompt)
            // A name may be asked for twice on a busy machine.
            try await terminal.complete(
                "\(prompt) ", "dead-letters replay --consumer ind", to: "dead-letters replay --consumer indexer ")
        }
    }

    @Test func listsWhatCouldBeMeant() async throws {
        try await withShell { terminal, _, prompt in
            terminal.type("se\t")
            // `seek` and Redis's commands that begin so.
            try await terminal.shows { $0.lines.contains { $0.hasPrefix("seek") } && $0.cursorLine == "\(prompt) se" }
            #expect(terminal.screen.cursor.column == prompt.count + 3)
        }
    }

    @Test func searchesTheHistory() async throws {
        try await withShell(columns: 120) { terminal, _, prompt in
            terminal.type("ECHO first\r")
            try await terminal.shows { $0.lines.contains("\"first\"") && $0.cursorLine == prompt }
            terminal.type("ECHO second\r")
            try await terminal.shows { $0.lines.contains("\"second\"") && $0.cursorLine == prompt }
            terminal.type("\u{1B}[A")
            try await terminal.shows(line: "\(prompt) ECHO second")
            terminal.type("\u{15}\u{12}fir")
            try await terminal.shows { $0.lines.contains("\(prompt) ECHO first") }
            terminal.type("\r")
            try await terminal.shows { $0.lines.filter { $0 == "\"first\"" }.count == 2 && $0.cursorLine == prompt }
        }
    }

    @Test func goesOnInTheNextLineWhileAQuoteIsOpen() async throws {
        try await withShell { terminal, _, prompt in
            terminal.type("ECHO 'a\r")
            try await terminal.shows(line: "...>", cursorAt: 5)
            terminal.type("b'\r")
            try await terminal.shows { $0.lines.suffix(4) == ["\(prompt) ECHO 'a", "...> b'", #""a\nb""#, prompt] }
        }
    }

    @Test func takesPastedLinesAsTextUntilEnter() async throws {
        try await withShell { terminal, _, prompt in
            terminal.type("\u{1B}[200~ECHO one\rECHO two\r\u{1B}[201~")
            try await terminal.shows { $0.lines.suffix(2) == ["\(prompt) ECHO one", "ECHO two"] }
            terminal.type("\r")
            try await terminal.shows { $0.lines.suffix(3) == ["\"one\"", "\"two\"", prompt] }
        }
    }

    @Test func editsWideAndCombinedCharacters() async throws {
        try await withShell { terminal, _, prompt in
            terminal.type("ECHO 日本é\u{1B}[D\u{1B}[Dx")
            try await terminal.shows(line: "\(prompt) ECHO 日x本é", cursorAt: prompt.count + 9)
            terminal.type("\u{5}\u{7F}\u{7F}\r")
            try await terminal.shows { $0.lines.suffix(2) == ["\"日x\"", prompt] }
        }
    }

    @Test func drawsTheLineAnewWhenTheWindowChanges() async throws {
        try await withShell(columns: 100) { terminal, _, prompt in
            terminal.type("forget ")
            try await terminal.shows { $0.cursorLine.hasPrefix("\(prompt) forget --name") }
            terminal.resize(rows: 20, columns: 90)
            terminal.type("x")
            try await terminal.shows { $0.cursorLine.hasPrefix("\(prompt) forget x") }
            terminal.type("\u{8}")
            try await terminal.shows { $0.cursorLine.hasPrefix("\(prompt) forget --name") && $0.cursorLine.count < 90 }
            #expect(terminal.screen.lines.filter { $0.hasPrefix(prompt) }.count == 1)
        }
    }

    @Test func clearsTheLineOnCtrlC() async throws {
        try await withShell { terminal, _, prompt in
            terminal.type("forget")
            try await terminal.shows { $0.cursorLine.hasPrefix("\(prompt) forget") }
            terminal.type("\u{3}")
            try await terminal.shows { $0.lines.suffix(2) == ["\(prompt) forget^C", prompt] }
        }
    }

    @Test func readsPlainlyFromATerminalThatIsDumb() async throws {
        try await withShell(environment: ["TERM": "dumb"]) { terminal, _, prompt in
            terminal.type("ECHO a\r")
            try await terminal.shows { $0.lines.contains("\"a\"") && $0.cursorLine == prompt }
            terminal.type("\u{4}")
            try await terminal.waitForExit()
        }
    }
}
