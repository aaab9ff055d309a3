import FoundationEssentials
import RedisClient
import Redstream
import TestSupport
import Testing

/// What somebody in front of a terminal sees of commands that run.
struct ShellSessionTests {
    @Test func showsDatabaseNamespaceStreamAndTransactionInThePrompt() async throws {
        try await withShell { terminal, _ in
            terminal.type("db 2\rnamespace shop\ruse products\rMULTI\r")
            try await terminal.shows(line: "redis[2] @shop products (TX)>")
            terminal.type("PING\rEXEC\r")
            try await terminal.shows { $0.lines.suffix(2) == ["1) PONG", "redis[2] @shop products>"] }
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
            let question = "XTRIM removes entries of \(key), which has 3 entries. Go on? [y/N]"
            terminal.type("XTRIM \(key) MAXLEN 1\r")
            try await terminal.shows { $0.lines.joined().contains(question) }
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
            terminal.type("EVAL \"local t = {} for i = 1, 50 do t[i] = i end return t\" 0\r")
            try await terminal.shows { $0.lines.suffix(2) == ["paged 50) (integer) 50", "redis>"] }
        }
    }

    @Test func showsRepliesAsRedisCLIDoes() async throws {
        try await withShell { terminal, _ in
            terminal.type("EVAL \"return {1, 'a\\\\n', {'x', {}}, false}\" 0\r")
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
            terminal.type("EVAL \"return {{{{{{{{{{1}}}}}}}}}}\" 0\r")
            // hiredis 1.x reads it.
            try await terminal.shows { $0.cursorLine == "redis>" && $0.lines.count > 2 }
            terminal.type("PING\r")
            try await terminal.shows { $0.lines.suffix(2) == ["PONG", "redis>"] }
        }
    }
}
