import ArgumentParser
import LineEditing
import Redstream
import RedstreamConnection
import TestSupport
import Testing

@testable import RedstreamCLI

/// Text on a terminal, by columns.
@Suite struct ScreenWidthTests {
    @Test func tablesAreStraightWithNamesOfAnyWidth() {
        var table = TextTable([.left("STREAM"), .right("LENGTH"), .left("X")])
        for name in ["顧客", "e\u{301}", "🚀🚀🚀", "plain", "ｗｉｄｅｎａｍｅ"] { table.append([name, "1,234", "-"]) }
        let lines = table.text.split(separator: "\n")
        let places = lines.dropFirst().map { line in
            line.firstRange(of: "1,234").map { ScreenText.width(of: line[..<$0.upperBound]) }
        }
        #expect(Set(places).count == 1, "\(table.text)")
        #expect(places.first == lines.first.map { ScreenText.width(of: $0) - 3 })
    }

    @Test func tablesOfTheToolAreStraight() async throws {
        try await withNamespace { fixture in
            for name in ["顧客", "products", "🚀"] { try await fixture.add("1", to: fixture.keys.stream(name)) }
            let lines = try await fixture.run("inspect-offsets").lines
            let ends = lines.map { line in
                line.firstRange(of: "1795").map { ScreenText.width(of: line[..<$0.lowerBound]) }
            }
            #expect(Set(ends.compactMap(\.self)).count == 1, "\(lines)")
        }
    }

    @Test(arguments: [40, 80])
    func longMessagesAreBrokenBetweenWords(columns: Int) async throws {
        let terminal = try Terminal(
            ["inspect-offsets", "--url", "redis://127.0.0.1:1", "--retry-for", "0s"], rows: 24, columns: columns)
        #expect(try await terminal.waitForExit() == .status(69))
        let piped = try await ToolProcess.run(["inspect-offsets", "--url", "redis://127.0.0.1:1", "--retry-for", "0s"])
        let words = piped.errors.split { $0 == " " || $0 == "\n" }
        try await terminal.shows("all words") { screen in
            screen.lines.flatMap { $0.split(separator: " ") } == words
        }
        #expect(terminal.screen.lines.filter { !$0.isEmpty }.count > 2)
    }

    @Test func messagesInAPipeAreNot() async throws {
        let result = try await ToolProcess.run(
            ["inspect-offsets", "--url", "redis://127.0.0.1:1", "--retry-for", "0s"])
        #expect(result.errorLines.count == 2, "\(result.errors)")
    }

    @Test func helpOfTheShellIsBrokenBetweenWords() async throws {
        let texts = RedstreamCommand.configuration.subcommands.map { $0.configuration }.filter { $0.shouldDisplay }
        let words = texts.flatMap { $0.abstract.split(separator: " ").map(String.init) }
        try await withShell(rows: 90, columns: 60, environment: ["REDSTREAM_PAGER": "cat"]) { terminal, _ in
            terminal.type("help\r")
            try await terminal.shows { screen in screen.lines.contains { $0.contains("help COMMAND, help @stream") } }
            let lines = terminal.screen.lines
            let shown = Set(lines.flatMap { $0.split(separator: " ").map(String.init) })
            let missing = words.filter { !shown.contains($0) }
            #expect(missing == [], "\(lines)")
            // A line that goes on begins below its text.
            let further = lines.filter { $0.hasPrefix(String(repeating: " ", count: 28)) }
            #expect(further.count > 1)
        }
    }

    @Test func anOffsetBeforeATimeIsShownAsThatTime() {
        let id = StreamID(milliseconds: 1_795_132_799_999, sequence: .max)
        let time = LocalTime.text(milliseconds: 1_795_132_800_000)
        #expect(id.shownAsOffset == "before \(time ?? "")")
        #expect(StreamID(milliseconds: 5, sequence: 7).shownAsOffset == "5-7")
        #expect(StreamID.max.shownAsOffset == StreamID.max.description)
        #expect(StreamID(milliseconds: .max - 1, sequence: .max).shownAsOffset.hasSuffix("-18446744073709551615"))
    }

    @Test func anOffsetOfSeekIsShownAsItsTimeAndNotInJSON() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...1, to: fixture.keys.stream("s"))
            func run(_ words: String...) async throws -> ToolProcess.Result {
                try await ToolProcess.run(
                    words, environment: fixture.toolEnvironment.merging(["TZ": "Europe/Berlin"]) { $1 })
            }
            try await run("seek", "--stream", "s", "--name", "c", "--to", "2026-11-20 00:00").expect(.done)
            #expect(try await run("inspect-offsets").output.contains("  before 2026-11-20 00:00  "))
            #expect(
                try await run("inspect-offsets", "-o", "json").output.contains("1795129199999-18446744073709551615"))
            try await run("seek", "--stream", "s", "--name", "c", "--to", "2026-11-20T00:00:01.250").expect(.done)
            #expect(try await run("inspect-offsets").output.contains("  before 2026-11-20 00:00:01.250  "))
        }
    }
}
