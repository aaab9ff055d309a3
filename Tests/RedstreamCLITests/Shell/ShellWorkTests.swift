import FoundationEssentials
import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

/// The screen of a terminal while commands are edited, repeated and watched.
struct ShellWorkTests {
    @Test func watchesOnAScreenOfItsOwnUntilCtrlC() async throws {
        try await withShell(rows: 12) { terminal, fixture in
            let key = fixture.keys.base + ":list"
            terminal.type("watch 20ms LRANGE \(key) 0 -1\r")
            let title = "every 20ms: LRANGE \(key) 0 -1"
            try await terminal.shows(lines: [title, "", "(empty array)"])
            try await fixture.redis("RPUSH", key, "one", "two")
            try await terminal.shows(lines: [title, "", "1) \"one\"", "2) \"two\""])
            try await fixture.redis("DEL", key)
            try await terminal.shows(lines: [title, "", "(empty array)"])
            for number in 0..<20 { try await fixture.redis("RPUSH", key, number) }
            // Ten rows and one that tells of the rest; the cursor has the last.
            try await terminal.shows {
                $0.lines.first == title && $0.lines.dropLast().last == #" 8) "7""# && $0.lines.last == "… 12 more lines"
            }
            terminal.resize(rows: 8, columns: 100)
            try await terminal.shows { $0.lines.first == title && $0.lines.last == "… 16 more lines" }
            terminal.type("\u{3}")
            try await terminal.shows(line: "redis>")
            terminal.type("PING\r")
            try await terminal.shows { $0.lines.suffix(2) == ["PONG", "redis>"] }
        }
    }

    @Test func watchesUntilNothingIsLeftOrACommandFails() async throws {
        try await withShell(rows: 40) { terminal, fixture in
            let key = fixture.keys.base + ":list"
            try await fixture.redis("RPUSH", key, "one", "two")
            terminal.type("watch 1ms --until-empty LPOP \(key)\r")
            try await terminal.shows { $0.lines.dropFirst(2) == ["(nil)", "redis>"] }
            terminal.type("watch 1ms NONSENSE\r")
            try await terminal.shows {
                $0.lines.first?.hasPrefix("(error) ERR unknown command") == true && $0.cursorLine == "redis>"
            }
        }
    }

    @Test func watchesUntilNoConsumerLags() async throws {
        try await withShell(rows: 40) { terminal, fixture in
            try await fixture.add(numbered: 1...3, to: fixture.keys.stream("s"))
            let offset = fixture.keys.offset(.init(stream: "s", name: "indexer"))
            try await fixture.redis("SET", offset, "1-0")
            terminal.type("namespace \(fixture.namespace)\rwatch 10ms --until-no-lag GET \(offset)\r")
            try await terminal.shows { $0.lines.dropFirst(2) == ["\"1-0\""] }
            try await fixture.redis("SET", offset, "3-0")
            try await terminal.shows { $0.lines.dropFirst(2) == ["\"3-0\"", "redis @\(fixture.namespace)>"] }
        }
    }

    @Test func showsWhatIsPublishedUntilCtrlC() async throws {
        try await withShell { terminal, fixture in
            let channel = fixture.namespace
            terminal.type("SUBSCRIBE \(channel) other\r")
            try await terminal.shows { $0.lines.suffix(3) == ["1) \"subscribe\"", "2) \"other\"", "3) (integer) 2"] }
            try await fixture.redis("PUBLISH", channel, "hello")
            try await terminal.shows {
                $0.lines.suffix(3) == ["1) \"message\"", "2) \"\(channel)\"", "3) \"hello\""]
            }
            terminal.type("\u{3}")
            try await terminal.shows(line: "redis>")
            terminal.type("PING\rUNSUBSCRIBE a b\rPING\r")
            try await terminal.shows {
                $0.lines.suffix(3).dropFirst() == ["PONG", "redis>"]
                    && $0.lines.contains(
                        "redstream: nothing is subscribed: SUBSCRIBE goes on until Ctrl-C, which ends it")
            }
        }
    }

    @Test func showsWhatTheServerIsAskedUntilCtrlC() async throws {
        try await withShell(on: try await RedisServer.start()) { terminal, fixture in
            terminal.type("MONITOR\r")
            try await terminal.shows { $0.lines.contains("OK") }
            try await fixture.redis("ECHO", "looked at")
            try await terminal.shows { $0.lines.last?.hasSuffix(#""ECHO" "looked at""#) == true }
            terminal.type("\u{3}")
            try await terminal.shows(line: "redis>")
            terminal.type("PING\r")
            try await terminal.shows { $0.lines.suffix(2) == ["PONG", "redis>"] }
        }
    }

    @Test func runsWhatWasWrittenInTheEditor() async throws {
        let directory = try TemporaryDirectory()
        let editor = "\(directory.path)/editor"
        try "#!/bin/sh\nsed -i 's/one/edited/' \"$1\"\n".write(toFile: editor, atomically: false, encoding: .utf8)
        chmod(editor, 0o755)
        try await withShell(environment: ["EDITOR": editor]) { terminal, _ in
            terminal.type("edit ECHO one\r")
            try await terminal.shows { $0.lines.suffix(3) == ["ECHO edited", "\"edited\"", "redis>"] }
            // It is in the history, and alone `edit` changes the last command.
            terminal.type("\u{1B}[A")
            try await terminal.shows(line: "redis> ECHO edited")
            terminal.type("\u{15}ECHO 'one \rtwo'\redit\r")
            try await terminal.shows {
                $0.lines.suffix(3) == [#"ECHO 'edited \ntwo'"#, #""edited \ntwo""#, "redis>"]
            }
        }
    }

    @Test func runsNothingIfTheEditorSavedNothing() async throws {
        try await withShell(environment: ["EDITOR": "true"]) { terminal, fixture in
            let key = "\(fixture.namespace):redstream:counter"
            terminal.type("INCR \(key)\r")
            try await terminal.shows { $0.lines.contains("(integer) 1") }
            terminal.type("edit\r")
            try await terminal.shows {
                $0.lines.suffix(2) == ["redstream: the editor saved nothing: nothing is run", "redis>"]
            }
            #expect(try await fixture.redis("GET", key).string == "1")
        }
    }

    @Test func runsNothingWhereTheEditorFails() async throws {
        try await withShell(environment: ["EDITOR": "false"]) { terminal, _ in
            terminal.type("edit ECHO one\r")
            try await terminal.shows {
                $0.lines.suffix(2) == ["redstream: false exited with 1: nothing is run", "redis>"]
            }
        }
    }

    @Test func repeatsAndSaysHowLongWhatIsSlowTook() async throws {
        try await withShell(showsTimes: true) { terminal, fixture in
            terminal.type("2 ECHO x\r")
            try await terminal.shows {
                $0.lines.contains("redis> 2 ECHO x") && $0.lines.filter { $0 == "\"x\"" }.count == 2
            }
            // A busy machine adds to any time.
            func isTime(_ line: String?) -> Bool { line?.hasPrefix("(") == true && line?.hasSuffix("s)") == true }
            terminal.type("BLPOP \(fixture.namespace) 0.6\r")
            try await terminal.shows {
                let end = $0.lines.suffix(3)
                return end.first == "(nil)" && isTime(end.dropFirst().first) && $0.cursorLine == "redis>"
            }
            terminal.type("timing on\rPING\r")
            try await terminal.shows {
                let end = $0.lines.suffix(3)
                return end.first == "PONG" && isTime(end.dropFirst().first) && $0.cursorLine == "redis>"
            }
        }
    }

    @Test func timeOfWhatCtrlCEndedIsNotShown() async throws {
        try await withShell(showsTimes: true) { terminal, fixture in
            terminal.type("SUBSCRIBE \(fixture.namespace)\r")
            try await terminal.shows { $0.lines.contains("3) (integer) 1") }
            let began = ContinuousClock.now
            try await eventually("it has taken long") { began.duration(to: .now) > .milliseconds(600) }
            terminal.type("\u{3}")
            try await terminal.shows { $0.cursorLine == "redis>" }
            #expect(!terminal.screen.lines.contains { $0.hasPrefix("(0") || $0.hasPrefix("(1") })
        }
    }

    @Test func writesToFilesAndCommandsAndShowsTheRest() async throws {
        let directory = try TemporaryDirectory()
        try await withShell(columns: 160) { terminal, fixture in
            try await fixture.add(numbered: 1...3, to: fixture.keys.stream("s"))
            terminal.type(
                "namespace \(fixture.namespace)\ruse s\rconsume --exit-at-end -o payload > \(directory.path)/f\r")
            let prompt = "redis @\(fixture.namespace) s>"
            terminal.type("clear\rECHO end >> \(directory.path)/f\r")
            try await terminal.shows { $0.lines.count == 2 && $0.cursorLine == prompt }
            #expect(try String(contentsOfFile: "\(directory.path)/f", encoding: .utf8) == "1\n2\n3\nend\n")
            terminal.type("clear\rconsume --exit-at-end -o payload | sort -r | head -n 2\r")
            try await terminal.shows { $0.lines.suffix(3) == ["3", "2", prompt] }
        }
    }

    @Test func helpsWithACommandACategoryAndAMisspelling() async throws {
        try await withShell(rows: 60, environment: ["PAGER": "cat"]) { terminal, _ in
            terminal.type("trmi\r")
            try await terminal.shows { $0.lines.suffix(2) == ["hint: did you mean trim?", "redis>"] }
            terminal.type("clear\rhelp XADD\r")
            try await terminal.shows { $0.lines.contains { $0.hasPrefix("XADD") } && $0.cursorLine == "redis>" }
            terminal.type("clear\rhelp @stream\r")
            try await terminal.shows { screen in
                ["XADD", "XREADGROUP", "XTRIM"].allSatisfy { name in
                    screen.lines.contains { $0.trimmingStart.hasPrefix(name) }
                } && screen.cursorLine == "redis>"
            }
            terminal.type("clear\rhelp seek\r")
            try await terminal.shows { $0.lines.contains { $0.hasPrefix("USAGE: redstream seek") } }
            terminal.type("clear\rhelp @nonsense\r")
            try await terminal.shows { $0.lines.contains("redstream: there is no category @nonsense") }
        }
    }

    @Test func showsTallOutputInThePagerAndComesBack() async throws {
        try await withShell(rows: 10, environment: ["PAGER": "less -X"]) { terminal, _ in
            terminal.type("EVAL_RO \"local t = {} for i = 1, 30 do t[i] = i end return t\" 0\r")
            try await terminal.shows { $0.lines.suffix(2) == [" 9) (integer) 9", ":"] }
            terminal.type("G")
            try await terminal.shows { $0.lines.suffix(2) == ["30) (integer) 30", "(END)"] }
            terminal.type("q")
            try await terminal.shows(line: "redis>")
            terminal.type("PING\r")
            try await terminal.shows { $0.lines.suffix(2) == ["PONG", "redis>"] }
        }
    }
}

extension String {
    fileprivate var trimmingStart: String { String(drop { $0 == " " }) }
}
