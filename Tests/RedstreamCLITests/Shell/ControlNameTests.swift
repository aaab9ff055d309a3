import LineEditing
import Redstream
import TestSupport
import Testing

@testable import RedstreamCLI

/// Names that hold control characters, at a Tab.
struct ControlNameTests {
    @Test(arguments: [
        "\u{1B}[31mred\u{1B}]0;pwn\u{7}", "a\nb\"c\\d", "e\u{202E}f", "g\u{9B}1h", "it's", "plain", "\t",
        // Backslashes, which mean nothing in the single quotes of bash.
        "a\\", "a\\'b", "\\", "a\\\"b",
    ])
    func becomeAWordThatTheShellReadsBackAndThatCommandsNothing(name: String) throws {
        let word = ShellText.quotedForOwnShell(name)
        #expect(TerminalText.escaped(word) == word)
        let command = try LineTokenizer.command(in: Array("use \(word)".utf8))
        #expect(command.words.map(\.text) == ["use", name])
    }

    @Test func areListedAndInsertedWithoutAnythingRaw() async throws {
        try await withNamespace { fixture in
            try await fixture.add(to: fixture.keys.stream("\u{1B}[31mred\n"))
            try await fixture.add(to: fixture.keys.stream("\u{1B}[32mgreen"))
            let history = try TemporaryDirectory()
            let terminal = try fixture.screen(
                "shell",
                environment: ["REDSTREAM_NAMESPACE": fixture.namespace, "REDSTREAM_HISTFILE": "\(history.path)/h"],
                rows: 24, columns: 100)
            let prompt = "redis @\(fixture.namespace)>"
            try await terminal.shows(line: prompt)
            try await terminal.complete("\(prompt) ", "use ", to: #"use "\x1b[3"#)
            try await terminal.list(#""\x1b[31mred\x0a"  "\x1b[32mgreen""#)
            try await terminal.complete(#"\#(prompt) use "\x1b[3"#, "1", to: #"1mred\x0a" "#)
            terminal.type("\r")
            try await terminal.shows(line: #"redis @\#(fixture.namespace) \x1b[31mred\n>"#)
            terminal.type("\u{3}\u{4}")
            #expect(try await terminal.waitForExit() == .status(0))
        }
    }
}
