import FoundationEssentials
import TestSupport
import Testing

/// Keys that terminals send as escape sequences, and everything else that begins like them.
struct ShellSequenceTests {
    private static let greeting = "redstream 0.1.0: help lists commands, Ctrl-D leaves"

    /// The effect of each key in `ECHO one two` with the cursor before `two`, and the text that is typed behind it.
    @Test(arguments: [
        // xterm, tmux, PuTTY, rxvt, the Linux console.
        (["[D", "OD", "[1;2D", "[d"], "ECHO one_ two"), (["[C", "OC", "[1;2C", "[c"], "ECHO one t_wo"),
        (["[1;5D", "[1;3D", "[5D", "O5D", "Od", "\u{1B}[D", "b", "[1;7D"], "ECHO _one two"),
        (["[1;5C", "[1;3C", "[5C", "Oc", "\u{1B}[C", "f"], "ECHO one two_"),
        (["[H", "OH", "[1~", "[7~", "[1;5H", "[7^"], "_ECHO one two"),
        (["[F", "OF", "[4~", "[8~", "[1;5F"], "ECHO one two_"), (["[3~"], "ECHO one _wo"),
        (["[3;5~", "[3^", "d"], "ECHO one _"),
        // The terminal was left in a mode in which it tells of modifiers.
        (["[27;5;97~", "[97;5u"], "_ECHO one two"), (["[95u", "[27;2;95~"], "ECHO one __two"),
        // Nothing is bound to them, or nobody typed them.
        (
            [
                "[15~", "[[A", "OP", "[Z", "[I", "[O", "[<0;10;10M", "[<0;10;10m", "[32;10;10M", "[M !!", "[M é!",
                "]11;rgb:1/2/3\u{7}", "]0;t\u{1B}\\", "P1$r0m\u{1B}\\", "_Gi=1;OK\u{1B}\\", "[?62;4c", "[12;40R",
                "[?2026;2$y", "[97;5:3u", "[57441u", "[11^", "[23$", "z", "[200;1;2;3x", "[1;5:3D",
            ], "ECHO one _two"
        ),
    ])
    func keysDoWhatTheyAreFor(sequences: [String], expected: String) async throws {
        try await withShell(rows: 40) { terminal, _ in
            for sequence in sequences {
                terminal.type("ECHO one two\u{1B}[D\u{1B}[D\u{1B}[D")
                try await terminal.shows(line: "redis> ECHO one two", cursorAt: 16)
                terminal.type("\u{1B}\(sequence)_")
                try await terminal.shows("\(sequence) and _") { $0.cursorLine == "redis> \(expected)".trimmingEnd }
                terminal.type("\u{3}")
                try await terminal.shows(line: "redis>")
            }
        }
    }

    @Test func pageKeysSearchForTheBeginningOfTheLine() async throws {
        try await withShell { terminal, _ in
            terminal.type("ECHO a\rPING\rECHO b\rPING x\r")
            try await terminal.shows { $0.lines.suffix(2) == ["\"x\"", "redis>"] }
            terminal.type("EC\u{1B}[5~")
            try await terminal.shows(line: "redis> ECHO b")
            terminal.type("\u{1B}[5~")
            try await terminal.shows(line: "redis> ECHO a")
            terminal.type("\u{1B}[6~")
            try await terminal.shows(line: "redis> ECHO b")
        }
    }

    @Test func insertTypesOverTheText() async throws {
        try await withShell { terminal, _ in
            terminal.type("abcd\u{1B}[H\u{1B}[2~xy\u{1B}[2~z")
            try await terminal.shows(line: "redis> xyzcd")
        }
    }

    @Test(arguments: [
        ("\u{1B}[C", "redis> ECHO abc"), ("\u{1B}[1;5D", "redis> ECHO abc"), ("\u{1B}OA", "redis> ECHO abc"),
        ("\u{1B}[15~", "redis> ECHO abc"), ("\u{1B}b", "redis> ECHO abc"), ("\u{1B}[I", "redis> ECHO abc"),
        ("\u{1B}[H", "redis> ECHO abc"), ("\u{1B}z", "redis> ECHO abc"),
    ])
    func noKeyTypesItsSequenceIntoASearch(key: String, expected: String) async throws {
        try await withShell { terminal, _ in
            terminal.type("ECHO abc\r")
            try await terminal.shows { $0.lines.suffix(2) == ["\"abc\"", "redis>"] }
            terminal.type("\u{12}ECH")
            try await terminal.shows { $0.lines.last == "bck:ECH" }
            terminal.type(key + "\u{1B}[C\u{5}")
            try await terminal.shows(line: expected, cursorAt: expected.count)
        }
    }

    @Test func theUsersFileBindsSequencesAsBefore() async throws {
        let home = try TemporaryDirectory()
        try "bind ^[[D ed-move-to-beg\nbind -s ^[[15~ ECHO\nbind ^[[17~ ed-move-to-end\n".write(
            toFile: "\(home.path)/.editrc", atomically: false, encoding: .utf8)
        try await withShell(environment: ["HOME": home.path]) { terminal, _ in
            terminal.type("a b\u{1B}[D\u{1B}[15~")
            try await terminal.shows(line: "redis> ECHOa b", cursorAt: 11)
            terminal.type("\u{1B}[17~!\u{1B}[D\u{1B}[1;5C|")
            try await terminal.shows(line: "redis> ECHOa| b!")
        }
    }

    @Test func putTTYTellsCtrlByTheOtherFormOfTheArrows() async throws {
        try await withShell(environment: ["TERM": "putty-256color"]) { terminal, _ in
            terminal.type("one two\u{1B}OD_")
            try await terminal.shows(line: "redis> one _two")
        }
    }

    @Test(arguments: [
        "\u{1B}[1;", "\u{1B}[", "\u{1B}O", "\u{1B}]0;title", "\u{1B}P1$r", "\u{1B}[M ", "\u{1B}", "\u{18}",
        "\u{1B}\u{1B}", "\u{1B}[<0;1",
    ])
    func ctrlCLeadsOutOfASequenceThatIsCut(start: String) async throws {
        try await withShell { terminal, _ in
            for pause in [false, true] {
                terminal.type("abc")
                try await terminal.shows(line: "redis> abc")
                terminal.type(start)
                // Longer than the shell waits for the rest.
                if pause { try await Task.sleep(for: .milliseconds(150)) }
                terminal.type("\u{3}")
                try await terminal.shows { $0.lines.suffix(2) == ["redis> abc^C", "redis>"] }
            }
            terminal.type(start)
            try await Task.sleep(for: .milliseconds(150))
            terminal.type("\u{3}\u{3}PING\r")
            try await terminal.shows { $0.lines.suffix(2) == ["PONG", "redis>"] }
        }
    }

    @Test func theNextKeyIsTakenAsTextWhateverItIs() async throws {
        try await withShell { terminal, _ in
            terminal.type("ECHO \u{16}\u{1B}[A\u{16}\u{3}\r")
            try await terminal.shows { $0.lines.suffix(3) == ["redis> ECHO ^[[A^C", #""\x1b[A\x03""#, "redis>"] }
            terminal.type("x\u{16}\u{1B}[200~a\u{1B}[201~")
            try await terminal.shows(line: "redis> xa")
        }
    }
}

/// A paste, and what leads out of one that never ends.
struct ShellPasteTests {
    @Test func isShownAlthoughItsEndIsMissing() async throws {
        try await withShell { terminal, _ in
            terminal.type("\u{1B}[200~ECHO ab")
            try await terminal.shows(line: "redis> ECHO ab")
            terminal.type("d\u{1B}[D\u{7F}")
            try await terminal.shows(line: "redis> ECHO ad", cursorAt: 13)
            // It may go on: so Enter is text, and runs nothing.
            terminal.type("\u{5}\r")
            try await terminal.shows { $0.lines.suffix(1) == ["redis> ECHO ad"] && $0.cursor.column == 0 }
            terminal.type("ECHO e\u{1B}[201~")
            try await terminal.shows { $0.lines.suffix(2) == ["redis> ECHO ad", "ECHO e"] }
            terminal.type("\r")
            try await terminal.shows { $0.lines.suffix(2) == ["\"e\"", "redis>"] }
        }
    }

    @Test(arguments: [false, true])
    func ctrlCLeadsOut(isAtOnce: Bool) async throws {
        try await withShell { terminal, _ in
            terminal.type("\u{1B}[200~abc")
            if !isAtOnce { try await terminal.shows(line: "redis> abc") }
            terminal.type("\u{3}")
            try await terminal.shows { $0.lines.suffix(2) == ["redis> abc^C", "redis>"] }
            terminal.type("PING\r")
            try await terminal.shows { $0.lines.suffix(2) == ["PONG", "redis>"] }
        }
    }

    @Test(arguments: ["", "abc"])
    func ctrlDLeadsOut(text: String) async throws {
        try await withNamespace { fixture in
            let terminal = try fixture.screen("shell", environment: ["REDSTREAM_HISTFILE": ""])
            try await terminal.shows { $0.cursorLine.hasSuffix(">") }
            terminal.type("\u{1B}[200~\(text)")
            if !text.isEmpty {
                try await terminal.shows { $0.cursorLine.hasSuffix(text) }
                // Then Enter is a key again.
                terminal.type("\u{4}\r")
                try await terminal.shows {
                    $0.cursorLine.hasSuffix(">") && $0.lines.contains { $0.contains("unknown command") }
                }
            }
            terminal.type("\u{4}")
            #expect(try await terminal.waitForExit() == .status(0))
        }
    }

    @Test func ctrlCWithinItIsText() async throws {
        try await withShell { terminal, _ in
            terminal.type("\u{1B}[200~ECHO \u{3}a\rECHO b\r\u{1B}[201~")
            try await terminal.shows { $0.lines.suffix(2) == ["redis> ECHO a", "ECHO b"] }
            terminal.type("\r")
            try await terminal.shows { $0.lines.suffix(3) == ["\"a\"", "\"b\"", "redis>"] }
        }
    }

    @Test func aSignalEndsTheShellWithinIt() async throws {
        try await withNamespace { fixture in
            let terminal = try fixture.screen("shell", environment: ["REDSTREAM_HISTFILE": ""])
            try await terminal.shows { $0.cursorLine.hasSuffix(">") }
            terminal.type("\u{1B}[200~abc")
            try await terminal.shows { $0.cursorLine.hasSuffix("abc") }
            terminal.signal(15)
            #expect(try await terminal.waitForExit() == .status(143))
        }
    }
}

extension String {
    fileprivate var trimmingEnd: String { String(reversed().drop { $0 == " " }.reversed()) }
}

/// The texts that libedit itself asks for, and what leads out of them.
struct ShellQuestionTests {
    @Test(arguments: ["/", "?", ":"], ["\u{1B}", "\u{3}", "\u{4}", "\u{7F}\u{7F}\u{7F}\u{7F}"])
    func visQuestionsAreLeftWithoutRunningAnything(question: String, key: String) async throws {
        let home = try TemporaryDirectory()
        try "bind -v\n".write(toFile: "\(home.path)/.editrc", atomically: false, encoding: .utf8)
        try await withShell(environment: ["HOME": home.path]) { terminal, _ in
            terminal.type("ECHO abc\r")
            try await terminal.shows { $0.lines.suffix(2) == ["\"abc\"", "redis>"] }
            terminal.type("\u{1B}\(question)ECH")
            try await terminal.shows { $0.lines.last == "\(question) ECH" || $0.lines.last == "\(question)ECH" }
            // An arrow key is none of the text.
            terminal.type("\u{1B}[C\(key)")
            try await terminal.shows { $0.cursorLine.hasPrefix("redis>") && $0.lines.last == $0.cursorLine }
            // A new line, and what follows `:`, begin in the mode that inserts.
            terminal.type(question == ":" || key == "\u{3}" ? "PING\r" : "iPING\r")
            try await terminal.shows { $0.lines.suffix(2) == ["PONG", "redis>"] }
        }
    }

    @Test func visSearchFindsWhatIsAskedFor() async throws {
        let home = try TemporaryDirectory()
        try "bind -v\n".write(toFile: "\(home.path)/.editrc", atomically: false, encoding: .utf8)
        try await withShell(environment: ["HOME": home.path]) { terminal, _ in
            terminal.type("ECHO abc\rPING\r")
            try await terminal.shows { $0.lines.suffix(2) == ["PONG", "redis>"] }
            terminal.type("\u{1B}/CHOX\u{7F}\r")
            try await terminal.shows(line: "redis> ECHO abc")
            terminal.type("A\r")
            try await terminal.shows { $0.lines.suffix(2) == ["\"abc\"", "redis>"] }
        }
    }

    @Test func emacssCommandIsLeftByCtrlC() async throws {
        try await withShell { terminal, _ in
            terminal.type("\u{1B}xbind")
            try await terminal.shows { $0.lines.last == ": bind" }
            terminal.type("\u{3}")
            try await terminal.shows { $0.lines.suffix(2).last == "redis>" && $0.cursorLine == "redis>" }
            terminal.type("PING\r")
            try await terminal.shows { $0.lines.suffix(2) == ["PONG", "redis>"] }
        }
    }
}
