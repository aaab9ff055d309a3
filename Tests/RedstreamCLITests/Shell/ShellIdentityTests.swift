import Redstream
import RedstreamConnection
import TestSupport
import Testing

/// AUTH, SELECT and what else changes who asks what: for Redis's commands and for ours.
struct ShellIdentityTests {
    private static func server() async throws -> RedisServer {
        // bob may look, and write nothing.
        try await RedisServer.start(.init(users: ["bob on >secret ~* &* +@all -xadd"]))
    }

    @Test func selectsAtEXECAndNotBefore() async throws {
        try await withShell { terminal, fixture in
            terminal.type("MULTI\rSELECT 3\rPING\r")
            try await terminal.shows { $0.lines.suffix(2) == ["QUEUED", "redis (TX)>"] }
            terminal.type("EXEC\r")
            try await terminal.shows(line: "redis[3]>")
            // Ours has followed.
            terminal.type(
                "namespace \(fixture.namespace)\rproduce --stream s '{}' '{}'\rXLEN \(fixture.keys.stream("s"))\r")
            try await terminal.shows { $0.lines.suffix(2).first == "(integer) 2" }
            #expect(try await fixture.length(fixture.keys.stream("s")) == 0)
            terminal.type("redis DEL \(fixture.keys.stream("s"))\ry\r")
            try await terminal.shows { $0.lines.suffix(2).first == "(integer) 1" }
        }
    }

    @Test func selectsNothingAtDISCARDNorWhereAWatchedKeyHasChanged() async throws {
        try await withShell { terminal, fixture in
            terminal.type("MULTI\rSELECT 3\rDISCARD\r")
            try await terminal.shows { $0.lines.suffix(2) == ["OK", "redis>"] }
            let key = fixture.keys.base + ":watched"
            terminal.type("WATCH \(key)\rMULTI\rSELECT 3\r")
            try await terminal.shows { $0.lines.suffix(2) == ["QUEUED", "redis (TX)>"] }
            try await fixture.redis("SET", key, "1")
            terminal.type("EXEC\r")
            try await terminal.shows { $0.lines.suffix(2) == ["(nil)", "redis>"] }
            terminal.type("MULTI\rSELECT 3\rNONSENSE\rEXEC\r")
            try await terminal.shows {
                $0.lines.suffix(2).first?.contains("EXECABORT") == true && $0.cursorLine == "redis>"
            }
        }
    }

    @Test(arguments: ["AUTH bob secret", "HELLO 2 AUTH bob secret", "MULTI\rAUTH bob secret\rEXEC"])
    func asksForOursAsTheUserWhoIsKnown(login: String) async throws {
        try await withShell(rows: 50, columns: 140, on: try await Self.server()) { terminal, fixture in
            terminal.type("namespace \(fixture.namespace)\ruse s\r\(login)\r")
            let prompt = "redis @\(fixture.namespace) s>"
            terminal.type("XADD \(fixture.keys.stream("s")) * a b\r")
            try await terminal.shows {
                $0.lines.suffix(3).first?.hasPrefix("(error) NOPERM") == true && $0.cursorLine == prompt
            }
            terminal.type("produce '{}'\r")
            try await terminal.shows { $0.lines.contains { $0.hasPrefix("redstream: cannot produce: NOPERM") } }
            #expect(try await Self.users(fixture).allSatisfy { $0 == "bob" })
            terminal.type("RESET\rproduce '{}'\r")
            try await eventually { try await fixture.length(fixture.keys.stream("s")) == 1 }
            terminal.type("XADD \(fixture.keys.stream("s")) * a b\r")
            try await eventually { try await fixture.length(fixture.keys.stream("s")) == 2 }
        }
    }

    @Test func goesOnAsBeforeWhereTheSecretIsWrong() async throws {
        try await withShell(on: try await Self.server()) { terminal, fixture in
            terminal.type("AUTH bob wrong\rnamespace \(fixture.namespace)\rproduce --stream s '{}'\r")
            try await eventually { try await fixture.length(fixture.keys.stream("s")) == 1 }
        }
    }

    @Test func refusesAProtocolThatTheClientDoesNotSpeak() async throws {
        try await withShell { terminal, _ in
            terminal.type("HELLO 3\rPING\r")
            try await terminal.shows {
                $0.lines.contains("redstream: this shell speaks RESP2 only: HELLO 2")
                    && $0.lines.suffix(2) == ["PONG", "redis>"]
            }
        }
    }

    @Test func refusesOursInsideMULTIAndKeepsTheTransaction() async throws {
        try await withShell { terminal, _ in
            terminal.type("MULTI\rPING\rinspect-offsets\r")
            try await terminal.shows {
                $0.lines.suffix(2) == ["hint: EXEC or DISCARD first", "redis (TX)>"]
            }
            terminal.type("EXEC\r")
            try await terminal.shows { $0.lines.suffix(2) == ["1) PONG", "redis>"] }
        }
    }

    /// The users of the shell's connections.
    private static func users(_ fixture: Fixture) async throws -> [String] {
        let list = try await fixture.redis("CLIENT", "LIST").string ?? ""
        let users = list.split(separator: "\n").filter { $0.contains("name=redstream:shell ") }.compactMap { line in
            line.split(separator: " ").first { $0.hasPrefix("user=") }.map { String($0.dropFirst(5)) }
        }
        #expect(!users.isEmpty)
        return users
    }
}
