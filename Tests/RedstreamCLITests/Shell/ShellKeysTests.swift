import FoundationEssentials
import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

/// The keys of both editors, and the keys that are not the editor's alone.
struct ShellKeysTests {
    private let home: TemporaryDirectory

    init() throws {
        home = try TemporaryDirectory()
    }

    private func withKeys(
        _ settings: String?, environment: [String: String] = [:], _ body: (Terminal, Fixture) async throws -> Void
    ) async throws {
        if let settings {
            try settings.write(toFile: "\(home.path)/.editrc", atomically: false, encoding: .utf8)
        }
        try await withShell(environment: ["HOME": home.path].merging(environment) { $1 }, body)
    }

    @Test func areEmacssByDefault() async throws {
        try await withKeys(nil) { terminal, _ in
            terminal.type("def\u{1}ECHO abc \u{5}g")
            try await terminal.shows(line: "redis> ECHO abc defg")
            terminal.type("\u{1B}b\u{B}\u{17}xyz\r")
            try await terminal.shows(lines: Self.greeting + ["redis> ECHO xyz", "\"xyz\"", "redis>"])
        }
    }

    @Test(arguments: [true, false])
    func areVisWhereTheUserSaysSo(isNamedByVariable: Bool) async throws {
        let file = "\(home.path)/keys"
        if isNamedByVariable { try "bind -v\n".write(toFile: file, atomically: false, encoding: .utf8) }
        try await withKeys(
            isNamedByVariable ? nil : "bind -v\n", environment: isNamedByVariable ? ["EDITRC": file] : [:]
        ) { terminal, _ in
            terminal.type("ECHO abc")
            try await terminal.shows(line: "redis> ECHO abc", cursorAt: 15)
            // Escape is one although other keys follow at once.
            terminal.type("\u{1B}h")
            try await terminal.shows(line: "redis> ECHO abc", cursorAt: 13)
            terminal.type("x")
            try await terminal.shows(line: "redis> ECHO ac", cursorAt: 13)
            terminal.type("iZ\u{1B}0lli")
            try await terminal.shows(line: "redis> ECHO aZc", cursorAt: 9)
            terminal.type("\u{1B}A!\u{1B}")
            try await terminal.shows(line: "redis> ECHO aZc!", cursorAt: 15)
            terminal.type("\r")
            try await terminal.shows { $0.lines.suffix(2) == ["\"aZc!\"", "redis>"] }
            // The arrow keys begin with an Escape too.
            terminal.type("\u{1B}[A")
            try await terminal.shows(line: "redis> ECHO aZc!", cursorAt: 7)
            terminal.type("\u{1B}\u{3}")
            try await terminal.shows { $0.lines.suffix(2) == ["redis> ECHO aZc!^C", "redis>"] }
            terminal.type("new\u{1B}k")
            try await terminal.shows(line: "redis> ECHO aZc!")
            terminal.type("\u{1B}dda\u{1B}[200~pasted\r\u{1B}[201~")
            try await terminal.shows(line: "redis> pasted")
        }
    }

    @Test func areHeldByTheProgramsNameInTheUsersFile() async throws {
        try await withKeys("other:bind -v\nredstream:bind ^T ed-move-to-beg\n") { terminal, _ in
            terminal.type("abc\u{14}x")
            try await terminal.shows(line: "redis> xabc", cursorAt: 8)
        }
    }

    @Test func interruptBehindTheTextAlthoughTheCursorIsWithinIt() async throws {
        try await withKeys(nil) { terminal, _ in
            let text = "ECHO " + String(repeating: "x", count: 120)
            terminal.type(text + "\u{1}")
            try await terminal.shows { $0.cursor == ($0.lines.count - 2, 7) }
            terminal.type("\u{3}")
            let start = text.prefix(93)
            let rest = text.dropFirst(93)
            try await terminal.shows(lines: Self.greeting + ["redis> \(start)", "\(rest)^C", "redis>"])
        }
    }

    @Test func interruptASearchAFurtherLineAndAPaste() async throws {
        try await withKeys(nil) { terminal, _ in
            terminal.type("ECHO x\r")
            try await terminal.shows { $0.lines.suffix(2) == ["\"x\"", "redis>"] }
            let before = terminal.screen.lines.dropLast()
            terminal.type("\u{12}EC")
            try await terminal.shows { $0.lines == before + ["redis> ECHO x", "bck:EC"] }
            terminal.type("\u{3}")
            try await terminal.shows { $0.lines == before + ["redis> ECHO x^C", "redis>"] }
            terminal.type("ECHO 'a\rb\u{3}")
            try await terminal.shows { $0.lines.suffix(3) == ["redis> ECHO 'a", "...> b^C", "redis>"] }
            // A tab reaches to the next multiple of eight.
            terminal.type("\u{1B}[200~one\rtwo\tthree\r\u{1B}[201~")
            try await terminal.shows { $0.lines.suffix(2) == ["redis> one", "two     three"] }
            terminal.type("\u{3}PING\r")
            try await terminal.shows { $0.lines.suffix(4) == ["two     three^C", "redis> PING", "PONG", "redis>"] }
        }
    }

    @Test func leaveAlsoWhereTheyWerePressedWhileACommandRan() async throws {
        let server = try await RedisServer.start()
        try await withNamespace(on: server) { fixture in
            let terminal = try fixture.screen("shell", environment: ["REDSTREAM_HISTFILE": ""], columns: 100)
            try await terminal.shows { $0.cursorLine.hasSuffix(">") }
            terminal.type("BLPOP \(fixture.namespace):redstream:x 0\r")
            try await eventually("it blocks") {
                try await fixture.redis("CLIENT", "LIST").string?.contains("cmd=blpop") == true
            }
            terminal.type("ECHO ahead\r\u{4}")
            try await terminal.shows { $0.lines.last == "ECHO ahead" }
            try await fixture.redis("RPUSH", fixture.keys.base + ":x", "1")
            #expect(try await terminal.waitForExit() == .status(0))
            try await terminal.shows { $0.lines.contains("\"ahead\"") }
        }
    }

    @Test func stopTheProgramAndItGoesOnWhereItWas() async throws {
        try await withNamespace { fixture in
            let terminal = try Terminal(
                ["--norc", "--noprofile", "-i"],
                environment: fixture.toolEnvironment.merging(["PS1": "$ ", "REDSTREAM_HISTFILE": ""]) { $1 },
                program: "bash")
            try await terminal.shows(line: "$")
            let prompt = "redis @\(fixture.namespace)>"
            terminal.type("'\(ToolProcess.executable)' shell\r")
            try await terminal.shows(line: prompt)
            terminal.type("ECHO abc\u{1B}[D")
            try await terminal.shows(line: "\(prompt) ECHO abc", cursorAt: prompt.count + 8)
            terminal.type("\u{1A}")
            try await terminal.shows { $0.cursorLine == "$" && $0.lines.contains { $0.contains("Stopped") } }
            terminal.type("stty -a | grep -o -e '-icanon' -e '-echo ' ; clear; fg\r")
            try await terminal.shows { $0.cursorLine == "\(prompt) ECHO abc" }
            #expect(!terminal.screen.lines.contains { $0.hasPrefix("-") })
            #expect(terminal.screen.cursor.column == prompt.count + 8)
            terminal.type("x\r")
            try await terminal.shows { $0.lines.suffix(2) == ["\"abxc\"", prompt] }
            terminal.type("\u{4}exit\r")
            #expect(try await terminal.waitForExit() == .status(0))
        }
    }

    @Test func areReadAsBeforeOnceAStoppedProgramGoesOn() async throws {
        try await withKeys(nil) { terminal, _ in
            terminal.type("ECHO ab")
            try await terminal.shows(line: "redis> ECHO ab")
            terminal.signal(SIGSTOP)
            try await eventually("it is stopped") { try Self.state(of: terminal.processID) == "T" }
            terminal.signal(SIGCONT)
            try await eventually("it runs") { try Self.state(of: terminal.processID) != "T" }
            terminal.type("c\r")
            try await terminal.shows { $0.lines.suffix(2) == ["\"abc\"", "redis>"] }
        }
    }

    private static let greeting = ["redstream 0.1.0: help lists commands, Ctrl-D leaves"]

    /// The state letter that the system shows for a process.
    private static func state(of process: Int32) throws -> String {
        let text = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        return text.split(separator: ")").last?.split(separator: " ").first.map(String.init) ?? ""
    }
}
