import FoundationEssentials
import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

/// The screen of a terminal while commands run.
struct ShellSessionTests {
    @Test func showsDatabaseNamespaceStreamAndTransactionInThePrompt() async throws {
        try await withShell { terminal, _ in
            terminal.type("db 2\rnamespace shop\ruse products\rMULTI\r")
            try await terminal.shows(line: "redis[2] @shop products (TX)>")
            terminal.type("PING\rEXEC\r")
            try await terminal.shows { $0.lines.suffix(2) == ["1) PONG", "redis[2] @shop products>"] }
        }
    }

    @Test func showsItsSettingsWhereNothingIsSet() async throws {
        try await withNamespace { fixture in
            let script = "db 2\ndb\noutput\noutput json\noutput\ntiming\nencoding\nencoding ascii\nencoding\n"
            let result = try await fixture.tool("shell", input: .text(script)).result()
            #expect(
                result.lines == [
                    "OK", "db 2", "output default", "output json", "timing off",
                    "encoding utf8", "encoding ascii",
                ])
            let connected = try await fixture.tool(
                "shell", "--url", "redis://user:secret@127.0.0.1:7711/3", "-c", "connect"
            ).result()
            #expect(connected.lines == ["connect redis://user@127.0.0.1:7711/3"])
        }
    }

    @Test(arguments: [
        ("use nope x", "use takes 1 argument, not 2"), ("namespace a b", "namespace takes 1 argument, not 2"),
        ("db 1 2", "db takes 1 argument, not 2"), ("connect a b", "connect takes 1 argument, not 2"),
        ("output json x", "output takes 1 argument, not 2"), ("timing on x", "timing takes 1 argument, not 2"),
        ("encoding utf8 x", "encoding takes 1 argument, not 2"), ("history x", "history takes no argument, not 1"),
        ("clear x", "clear takes no argument, not 1"), ("exit now", "exit takes no argument, not 1"),
        ("help XINFO STREAM x", "help takes 2 arguments, not 3"), ("connect -x", "usage: connect [URL]"),
    ])
    func refusesWordsThatNothingIsMadeOf(command: String, reason: String) async throws {
        try await withNamespace { fixture in
            let result = try await fixture.tool("shell", "-c", command).result()
            #expect(result.errors.contains("redstream: \(reason)\n"))
            #expect(result.exit == .status(64))
        }
    }

    @Test(arguments: [
        "use", "namespace", "db", "connect", "output", "timing", "watch", "edit", "redis", "exit", "help",
    ])
    func helpsWithEachOfItsCommands(name: String) async throws {
        try await withNamespace { fixture in
            let result = try await fixture.tool("shell", "-c", "\(name) --help", "-c", "\(name) -h").result()
            #expect(result.exit == .status(0))
            #expect(result.lines.count == 4 && result.lines[0].hasPrefix(name) && result.lines[2] == result.lines[0])
        }
    }

    @Test func connectsToAServerThatIsNamedWithoutAScheme() async throws {
        let server = try await RedisServer.start(.init(listensOnTCP: true))
        try await withShell { terminal, _ in
            terminal.type("connect 127.0.0.1:\(server.port ?? 0)\r")
            try await terminal.shows(line: "127.0.0.1:\(server.port ?? 0)>")
            terminal.type("PING\rconnect \(server.socketPath)\r")
            try await terminal.shows(line: "redis>")
            terminal.type("PING\rconnect\r")
            try await terminal.shows { $0.lines.suffix(2) == ["connect unix://\(server.socketPath)", "redis>"] }
        }
    }

    @Test func asksInATransactionAsOutside() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.base + ":key"
            try await fixture.redis("RPUSH", key, "a")
            let fresh = try await fixture.tool(
                "shell", input: .text("MULTI\nSET \(key):new 1\nDEL \(key):other\nMSET \(key):x 1 \(key):y 2\nEXEC\n")
            ).result()
            #expect(fresh.exit == .status(0))
            #expect(try await fixture.string(key + ":new") == "1")
            for (commands, reason) in [
                ("SET \(key) 1", "SET replaces \(key), a list of 1 element"),
                // What the transaction itself will have made of it is not known.
                ("RPUSH \(key):list 1\nSET \(key):list 1", "SET replaces \(key):list"),
                ("SELECT 1\nSET \(key):none 1", "SET replaces \(key):none"),
                ("PING\nFLUSHDB", "FLUSHDB removes an unknown number of keys"),
                ("DEL \(key)", "DEL removes 1 key (\(key))"),
            ] {
                let result = try await fixture.tool("shell", input: .text("MULTI\n\(commands)\n")).result()
                #expect(result.errors.contains("not done: \(reason)"), "\(commands): \(result.errors)")
            }
        }
    }

    @Test func aSignalEndsAQuestion() async throws {
        try await withShell { terminal, fixture in
            let key = fixture.keys.stream("s")
            try await fixture.add(numbered: 1...3, to: key)
            terminal.type("DEL \(key)\r")
            try await terminal.shows { $0.lines.joined().contains("Go on? [y/N]") }
            terminal.signal(SIGINT)
            try await terminal.shows(line: "redis>")
            #expect(try await fixture.length(key) == 3)
        }
    }

    @Test func aTerminalThatCannotEditIsLeftBySignals() async throws {
        try await withNamespace { fixture in
            let environment = ["TERM": "dumb", "REDSTREAM_HISTFILE": ""]
            let terminal = try fixture.screen("shell", environment: environment, columns: 100)
            let prompt = "redis @\(fixture.namespace)>"
            try await terminal.shows(line: prompt)
            terminal.type("ECHO x")
            try await terminal.shows(line: "\(prompt) ECHO x")
            terminal.type("\u{3}")
            try await terminal.shows { $0.lines.suffix(2) == ["\(prompt) ECHO x^C", prompt] }
            terminal.type("PING\r")
            try await terminal.shows { $0.lines.suffix(2) == ["PONG", prompt] }
            terminal.signal(SIGTERM)
            #expect(try await terminal.waitForExit() == .status(143))
        }
    }

    @Test func endsABlockedCommandOnCtrlC() async throws {
        try await withShell(on: try await RedisServer.start()) { terminal, fixture in
            terminal.type("BLPOP \(fixture.namespace) 0\r")
            try await eventually("it blocks") {
                try await fixture.redis("CLIENT", "LIST").string?.contains("cmd=blpop") == true
            }
            terminal.type("\u{3}")
            try await terminal.shows(line: "redis>")
            terminal.type("PING\r")
            try await terminal.shows { $0.lines.suffix(2) == ["PONG", "redis>"] }
        }
    }

    @Test func endsAFollowingCommandOnCtrlC() async throws {
        try await withShell { terminal, fixture in
            try await fixture.add("{}", id: "1-1", to: fixture.keys.stream("s"))
            terminal.type("namespace \(fixture.namespace)\rconsume --stream s\r")
            try await terminal.shows { $0.lines.last == "1-1  {}" }
            terminal.type("\u{3}")
            try await terminal.shows(line: "redis @\(fixture.namespace)>")
        }
    }

    @Test func asksBeforeItDestroys() async throws {
        try await withShell { terminal, fixture in
            let key = fixture.keys.stream("s")
            try await fixture.add(numbered: 1...3, to: key)
            // The lines break between words, which blanks begin.
            let question = "XTRIM removes entries of \(key), which has 3 entries. Go on? [y/N]".filter { $0 != " " }
            terminal.type("XTRIM \(key) MAXLEN 1\r")
            try await terminal.shows { $0.lines.joined().filter { $0 != " " }.contains(question) }
            terminal.type("n\r")
            try await terminal.shows(line: "redis>")
            #expect(try await fixture.length(key) == 3)
            terminal.type("XTRIM \(key) MAXLEN 1\r\u{3}")
            try await terminal.shows(line: "redis>")
            #expect(try await fixture.length(key) == 3)
            terminal.type("XTRIM \(key) MAXLEN 1\ry\r")
            try await eventually { try await fixture.length(key) == 1 }
        }
    }

    @Test func asksBeforeATrimWithTheNumberOfEntries() async throws {
        try await withShell { terminal, fixture in
            let key = fixture.keys.stream("s")
            try await fixture.add(numbered: 1...3, to: key)
            terminal.type("namespace \(fixture.namespace)\rtrim --stream s --expiry 1s --once\r")
            try await terminal.shows(line: "trim removes 3 entries of s for good. Go on? [y/N]")
            terminal.type("y\r")
            try await eventually { try await fixture.length(key) == 0 }
        }
    }

    @Test func asksBeforeItMovesTheConsumerOfShards() async throws {
        try await withShell { terminal, fixture in
            for stream in ["s-0", "s-1"] {
                try await fixture.add(numbered: 1...3, to: fixture.keys.stream(stream))
                try await fixture.setOffset("2-0", on: stream)
            }
            terminal.type("namespace \(fixture.namespace)\rseek --stream s --shards 3 --name indexer --to earliest\r")
            try await terminal.shows { screen in
                screen.lines.joined().contains(
                    "seek moves the offset of indexer in 3 shards of s: 4 entries are delivered again. Go on? [y/N]")
            }
            terminal.type("y\r")
            try await eventually { try await fixture.offset(on: "s-1") == "0-0" }
        }
    }

    @Test func pipesAndPagesOutput() async throws {
        try await withShell(rows: 10, environment: ["REDSTREAM_PAGER": "sed 's/^/paged /' | tail -n 1"]) {
            terminal, _ in
            terminal.type("ECHO abc | tr a-c x-z\r")
            try await terminal.shows { $0.lines.suffix(2) == ["xyz", "redis>"] }
            terminal.type("ECHO short\r")
            try await terminal.shows { $0.lines.suffix(2) == ["\"short\"", "redis>"] }
            terminal.type("EVAL_RO \"local t = {} for i = 1, 50 do t[i] = i end return t\" 0\r")
            try await terminal.shows { $0.lines.suffix(2) == ["paged 50) (integer) 50", "redis>"] }
        }
    }

    @Test func showsRepliesAsRedisCLIDoes() async throws {
        try await withShell { terminal, _ in
            terminal.type("EVAL_RO \"return {1, 'a\\\\n', {'x', {}}, false}\" 0\r")
            try await terminal.shows {
                $0.lines.suffix(6) == [
                    "1) (integer) 1", #"2) "a\n""#, #"3) 1) "x""#, "   2) (empty array)", "4) (nil)", "redis>",
                ]
            }
            terminal.type("FOO\r")
            try await terminal.shows { $0.lines.suffix(2).first?.hasPrefix("(error) ERR unknown command") == true }
        }
    }

    @Test func reportsAReplyThatIsTooDeepAndGoesOn() async throws {
        try await withShell { terminal, _ in
            terminal.type("EVAL_RO \"return {{{{{{{{{{1}}}}}}}}}}\" 0\r")
            // hiredis 1.x reads it.
            try await terminal.shows { $0.cursorLine == "redis>" && $0.lines.count > 2 }
            terminal.type("PING\r")
            try await terminal.shows { $0.lines.suffix(2) == ["PONG", "redis>"] }
        }
    }
}
