import FoundationEssentials
import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

/// Output that goes to the pager, a file or another command, and what becomes of it where they fail.
struct ShellOutputTests {
    /// Starts a shell in front of a screen of ten rows, and a list of sixty elements.
    private func withList(
        _ environment: [String: String], _ body: (Terminal, Fixture, String) async throws -> Void
    ) async throws {
        try await withShell(rows: 10, environment: environment) { terminal, fixture in
            let key = fixture.keys.base + ":list"
            try await Self.fill(key, fixture)
            try await body(terminal, fixture, key)
        }
    }

    private static func fill(_ key: String, _ fixture: Fixture) async throws {
        try await fixture.redis("EVAL", "for i = 1, 60 do redis.call('RPUSH', KEYS[1], i) end", 1, key)
    }

    @Test(arguments: [
        ("nosuchpager -x", "nosuchpager -x was not found"), ("/etc/passwd", "/etc/passwd is not executable"),
        ("exit 3", "exit 3 exited with 3"), ("true", "true ended without reading"),
        ("head -n 1; exit 2", "head -n 1; exit 2 exited with 2"), ("kill -9 $$", "kill -9 $$ was killed by signal 9"),
        ("head -n 1; kill -15 $$", "head -n 1; kill -15 $$ was killed by signal 15"),
    ])
    func whatAPagerHasNotShownIsPrinted(pager: String, reason: String) async throws {
        try await withList(["PAGER": pager]) { terminal, _, key in
            terminal.type("LRANGE \(key) 0 -1\r")
            try await terminal.shows { screen in
                screen.lines.suffix(4).first == "60) \"60\""
                    && screen.lines.suffix(3).first == "redstream: cannot show the output in the pager: \(reason)"
                    && screen.cursorLine == "redis>"
            }
            #expect(terminal.screen.lines.suffix(2).first?.hasPrefix("hint: PAGER names another one") == true)
            terminal.type("PING\r")
            try await terminal.shows { $0.lines.suffix(2) == ["PONG", "redis>"] }
        }
    }

    @Test(arguments: [
        ["PAGER": ""], ["PAGER": " "], ["PAGER": "cat"], ["REDSTREAM_PAGER": "", "PAGER": "false"],
        ["PATH": "/nonexistent"],
    ])
    func withoutAPagerOutputIsPrinted(environment: [String: String]) async throws {
        try await withList(environment) { terminal, _, key in
            terminal.type("LRANGE \(key) 0 -1\r")
            try await terminal.shows { $0.lines.suffix(2) == ["60) \"60\"", "redis>"] }
        }
    }

    @Test(arguments: ["tail -n 1", "sed -n 's/^60. /60) /p'", "cat | tail -n 1"])
    func aPagerMayHaveArguments(pager: String) async throws {
        try await withList(["PAGER": pager]) { terminal, _, key in
            terminal.type("LRANGE \(key) 0 -1\r")
            try await terminal.shows { $0.lines.suffix(3) == ["redis> LRANGE \(key) 0 -1", "60) \"60\"", "redis>"] }
        }
    }

    @Test func aPagerThatIsMissingIsTriedOnce() async throws {
        try await withList(["PAGER": "nosuchpager"]) { terminal, _, key in
            terminal.type("LRANGE \(key) 0 -1\r")
            try await terminal.shows { $0.lines.contains { $0.hasPrefix("hint:") } && $0.cursorLine == "redis>" }
            terminal.type("LRANGE \(key) 0 -1\r")
            try await terminal.shows { $0.lines.suffix(2) == ["60) \"60\"", "redis>"] }
        }
    }

    @Test func aPagerThatWasKilledLeavesTheTerminalAsItWas() async throws {
        try await withList(["PAGER": "stty raw -echo < /dev/tty; kill -9 $$"]) { terminal, _, key in
            terminal.type("LRANGE \(key) 0 -1\r")
            try await terminal.shows { $0.lines.suffix(2).first?.hasPrefix("hint: ") == true }
            terminal.type("PING | cat > /dev/tty; stty -a < /dev/tty | grep -o ' icanon'\r")
            try await terminal.shows { $0.lines.suffix(3) == ["PONG", " icanon", "redis>"] }
        }
    }

    /// A reply that takes something from the server is all there is of it.
    @Test(arguments: [
        "LPOP {k} 60", "MULTI\rLRANGE {k} 0 -1\rLPOP {k} 60\rEXEC",
        "EVAL \"return redis.call('LPOP', KEYS[1], 60)\" 1 {k}\ry",
        "LMPOP 1 {k} LEFT COUNT 60",
    ])
    func aReplyThatTakesSomethingAwayIsNotLeftToThePager(command: String) async throws {
        try await withList(["PAGER": "cat > /dev/null"]) { terminal, fixture, key in
            terminal.type(command.replacing("{k}", with: key) + "\r")
            try await terminal.shows { screen in
                screen.lines.suffix(2).first?.hasSuffix("60) \"60\"") == true && screen.cursorLine == "redis>"
            }
            #expect(try await fixture.redis("EXISTS", key).integer == 0)
        }
    }

    @Test(arguments: [
        ("| nosuchcommand", "nosuchcommand was not found"), ("| exit 1", "exit 1 exited with 1"),
        ("| cat; exit 4", "cat; exit 4 exited with 4"), ("| cat; kill -9 $$", "cat; kill -9 $$ was killed by signal 9"),
        ("| /etc/passwd", "/etc/passwd is not executable"),
        ("> /dev/full", "cannot write /dev/full: No space left on device"),
        (">> /dev/full", "cannot write /dev/full: No space left on device"),
    ])
    func aReplyThatTakesSomethingAwayIsPrintedWhereItGotNowhere(target: String, reason: String) async throws {
        try await withList([:]) { terminal, _, key in
            terminal.type("LPOP \(key) 3 \(target)\r")
            try await terminal.shows { screen in
                screen.lines.contains("redstream: \(reason); LPOP took this from the server:")
                    && screen.lines.contains("1) \"1\"") && screen.lines.contains("3) \"3\"")
                    && screen.cursorLine == "redis>"
            }
        }
    }

    @Test func aScriptPrintsTheReplyThatACommandDidNotTake() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.base + ":list"
            try await Self.fill(key, fixture)
            let failed = try await fixture.tool("shell", "-c", "LPOP \(key) 3 | exit 5", "-c", "PING").result()
            #expect(failed.lines == ["1", "2", "3"])
            #expect(failed.errors.contains("exit 5 exited with 5; LPOP took this from the server:"))
            #expect(failed.exit == .status(5))
            // What stays on the server is not printed.
            let looked = try await fixture.tool("shell", "-c", "LRANGE \(key) 0 -1 | exit 5").result()
            #expect(looked.lines.isEmpty && looked.exit == .status(5))
            // One that is satisfied with less has not failed.
            let part = try await fixture.tool("shell", "-c", "LPOP \(key) 10 | head -n 2").result()
            #expect(part.lines == ["4", "5"] && part.exit == .status(0))
            // A file that cannot be opened keeps the command from being sent.
            let left = try await fixture.tool("shell", "-c", "LPOP \(key) 10 > /nonexistent/file").result()
            #expect(left.errors.contains("cannot write /nonexistent/file"))
            #expect(try await fixture.redis("LLEN", key).integer == 47)
        }
    }

    @Test func aCommandThatReadsNothingCanFailAfterTheOutputHasEnded() async throws {
        try await withNamespace { fixture in
            for text in ["exit 7", "cat > /dev/null; exit 7", "exec <&-; exit 7"] {
                let result = try await fixture.tool("shell", "-c", "PING | \(text)").result()
                #expect(result.exit == .status(7), "\(text)")
            }
        }
    }

    @Test(arguments: [
        ("nosuchedit", "nosuchedit was not found: nothing is run", "hint: EDITOR names another editor"),
        ("/etc/passwd", "/etc/passwd is not executable: nothing is run", "hint: EDITOR names another editor"),
        ("rm", "cannot read what rm has written: No such file or directory", ""),
    ])
    func anEditorThatFailsIsTold(editor: String, reason: String, hint: String) async throws {
        try await withShell(environment: ["EDITOR": editor]) { terminal, _ in
            terminal.type("edit ECHO one\r")
            try await terminal.shows { screen in
                screen.lines.contains("redstream: \(reason)") && screen.cursorLine == "redis>"
                    && (hint.isEmpty || screen.lines.contains(hint))
            }
        }
    }

    @Test func theEditorsFileIsWhereTMPDIRSays() async throws {
        let folder = try TemporaryDirectory()
        try await withShell(environment: ["EDITOR": "sh -c 'echo ECHO $0 > $0'", "TMPDIR": folder.path]) {
            terminal, _ in
            terminal.type("edit x\r")
            try await terminal.shows {
                $0.cursorLine == "redis>" && $0.lines.contains { $0.hasPrefix("\"\(folder.path)/redstream-edit-") }
            }
        }
    }
}
