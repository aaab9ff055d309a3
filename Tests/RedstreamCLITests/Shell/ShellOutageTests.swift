import Redstream
import RedstreamConnection
import TestSupport
import Testing

@testable import RedstreamCLI

/// A server that dies in each state of a session, and returns.
struct ShellOutageTests {
    private static let lost = [
        "redstream: the connection was lost, and the transaction with it: nothing of it was carried out",
        "hint: begin again with MULTI",
    ]
    private static let away = "hint: the next command tries again; connect URL changes the server"

    @Test func areShownInThePromptUntilTheNextCommandThatIsAnswered() async throws {
        let server = try await RedisServer.start()
        try await withShell(on: server) { terminal, _ in
            await server.kill()
            terminal.type("\r")
            try await terminal.shows(line: "redis (down)>")
            terminal.type("PING\r")
            try await terminal.shows {
                $0.lines.suffix(2) == [Self.away, "redis (down)>"]
            }
            try await server.restart()
            terminal.type("PING\r")
            try await terminal.shows {
                $0.lines.suffix(3).map { $0.prefix(26) } == ["redstream: connected again", "PONG", "redis>"]
            }
        }
    }

    @Test func areNoticedByOurCommandsToo() async throws {
        let server = try await RedisServer.start()
        try await withShell(on: server) { terminal, _ in
            await server.kill()
            terminal.type("inspect-offsets --retry-for 1ms\r")
            try await terminal.shows(line: "redis (down)>")
            try await server.restart()
            terminal.type("inspect-offsets\r")
            try await terminal.shows {
                $0.lines.last == "redis>" && $0.lines.suffix(4).contains { $0.hasPrefix("nothing at unix://") }
            }
        }
    }

    @Test func endTheCommandThatRuns() async throws {
        let server = try await RedisServer.start()
        try await withShell(on: server) { terminal, fixture in
            terminal.type("BLPOP \(fixture.namespace) 0\r")
            try await eventually("it blocks") {
                try await fixture.redis("CLIENT", "LIST").string?.contains("cmd=blpop") == true
            }
            await server.kill()
            try await terminal.shows {
                $0.lines.dropLast().contains("hint: it is unknown whether the command was carried out")
                    && $0.cursorLine == "redis (down)>"
            }
            try await server.restart()
            terminal.type("PING\r")
            try await terminal.shows { $0.lines.suffix(2) == ["PONG", "redis>"] }
        }
    }

    @Test func endASubscriptionWithWordsOfItsOwn() async throws {
        for command in ["SUBSCRIBE c", "MONITOR"] {
            let server = try await RedisServer.start()
            try await withShell(on: server) { terminal, _ in
                terminal.type("\(command)\r")
                try await terminal.shows { $0.lines.contains("(Ctrl-C ends it)") }
                await server.kill()
                try await terminal.shows { screen in
                    screen.lines.suffix(2) == [
                        "hint: what is sent meanwhile is missed; repeat the command once the server is back",
                        "redis (down)>",
                    ] && !screen.lines.contains { $0.contains("--url") || $0.contains("cannot run the command") }
                }
                try await server.restart()
                terminal.type("PING\r")
                try await terminal.shows { $0.lines.suffix(2) == ["PONG", "redis>"] }
            }
        }
    }

    @Test func areForgottenOnceTheServerIsBack() async throws {
        let server = try await RedisServer.start()
        try await withShell(columns: 140, on: server) { terminal, fixture in
            terminal.type("PING\rconsume --stream s\r")
            try await eventually("it waits") {
                try await fixture.redis("CLIENT", "LIST").string?.contains("cmd=xread") == true
            }
            await server.kill()
            try await terminal.shows("it is lost") { screen in screen.lines.contains { $0.hasPrefix("redstream: ") } }
            try await server.restart()
            try await eventually("it waits again") {
                try await fixture.redis("CLIENT", "LIST").string?.contains("cmd=xread") == true
            }
            terminal.type("\u{3}")
            try await terminal.shows(line: "redis>")
            // Enter alone looks as well.
            await server.kill()
            terminal.type("\r")
            try await terminal.shows(line: "redis (down)>")
            try await server.restart()
            terminal.type("\r")
            try await terminal.shows(line: "redis>")
        }
    }

    @Test func aReplyThatTheServerCutsOffIsToldFromAnOutage() async throws {
        try await withLimitedServer { server, _ in
            let result = try await ToolProcess.run(
                ["shell", "-c", "XRANGE redstream:stream:products - +"],
                environment: ["REDSTREAM_URL": server.url])
            result.expect(.unreachable)
            #expect(
                result.errorLines.last?.hasSuffix(
                    "the server is up: was the reply larger than its client-output-buffer-limit?") == true,
                "\(result.errors)")
        }
    }

    @Test(arguments: [["-c", "PING"], ["-c", "inspect-offsets"]])
    func aMissingPasswordIsAskedForByTheSessionsServer(command: [String]) async throws {
        try await RedisServer.with(.init(listensOnTCP: true, password: "secret")) { server in
            let result = try await ToolProcess.run(
                ["shell", "--url", "redis://127.0.0.1:\(server.port ?? 0)"] + command)
            result.expect(.failed)
            #expect(
                result.errorLines.last
                    == "hint: the server wants a password: AUTH password, or connect redis://:password@127.0.0.1:\(server.port ?? 0)"
            )
        }
    }

    @Test func endATransactionWhichIsSaidAtThePrompt() async throws {
        let server = try await RedisServer.start()
        try await withShell(on: server) { terminal, fixture in
            let key = fixture.keys.stream("s")
            terminal.type("MULTI\rXADD \(key) * a b\r")
            try await terminal.shows { $0.lines.suffix(2) == ["QUEUED", "redis (TX)>"] }
            await server.kill()
            terminal.type("\r")
            try await terminal.shows { $0.lines.suffix(3) == Self.lost + ["redis (down)>"] }
            try await server.restart()
            terminal.type("EXEC\r")
            try await terminal.shows { $0.lines.suffix(2) == ["(error) ERR EXEC without MULTI", "redis>"] }
            #expect(try await fixture.length(key) == 0)
        }
    }

    @Test func endATransactionWhoseNextCommandIsNotSent() async throws {
        let server = try await RedisServer.start()
        try await withShell(on: server) { terminal, fixture in
            let key = fixture.keys.stream("s")
            terminal.type("MULTI\r")
            try await terminal.shows(line: "redis (TX)>")
            try await server.restart()
            terminal.type("XADD \(key) * a b\r")
            try await terminal.shows { $0.lines.suffix(3) == Self.lost + ["redis>"] }
            #expect(try await fixture.length(key) == 0)
        }
    }
}
