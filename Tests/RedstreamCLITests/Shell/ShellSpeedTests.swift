import FoundationEssentials
import Redstream
import TestSupport
import Testing

/// The time in which the shell answers, and its cost while nobody types.
struct ShellSpeedTests {
    @Test func answersAKeyAtOnceWithAHundredThousandStreamsInTheServer() async throws {
        try await withStreams(100_000) { terminal, server in
            let bound = Duration.milliseconds(20) * Sanitizer.slowness
            let key = try await fastestTry(under: bound, of: 60) { _ in try await terminal.timeToChange(typing: "x") }
            #expect(key < bound)
            let tab = try await fastestTry(under: bound, of: 60) { number in
                terminal.type("\u{15}use s\(number + 10)")
                try await terminal.shows { $0.cursorLine.hasSuffix("use s\(number + 10)") }
                return try await terminal.timeToChange(typing: "\t")
            }
            #expect(tab < bound)
            // Few begin so: the whole server is searched, which takes longer than a Tab may. The next one has them.
            terminal.type("\u{15}use s7776")
            try await eventually("the names are listed") {
                terminal.type("\t")
                // A Tab that came too early says nothing.
                let list: String? = try? await eventually(within: .milliseconds(500)) {
                    terminal.screen.lines.first { $0.hasPrefix("s7776 ") && $0.hasSuffix(" s77769") }
                }
                return list != nil
            }
        }
    }

    @Test func answersAKeyAlthoughTheServerStandsStill() async throws {
        try await withStreams(10) { terminal, server in
            server.pause()
            defer { server.resume() }
            terminal.type("use s")
            try await terminal.shows { $0.cursorLine.hasSuffix("use s") }
            terminal.type("\t")
            try await terminal.shows { screen in
                screen.lines.contains("(not found in time: press Tab again)") && screen.cursorLine.hasSuffix("use s")
            }
            terminal.type("x")
            try await terminal.shows { $0.cursorLine.hasSuffix("use sx") }
        }
    }

    /// Starts a shell with a server of its own that has so many streams.
    private func withStreams(_ count: Int, _ body: (Terminal, RedisServer) async throws -> Void) async throws {
        let server = try await RedisServer.start()
        try await withNamespace(on: server) { fixture in
            let script = """
                for number = ARGV[1] + 1, ARGV[1] + ARGV[2] do
                    redis.call('XADD', KEYS[1] .. number, '*', 'payload', '{}')
                end
                """
            for start in stride(from: 0, to: count, by: 10_000) {
                try await fixture.redis("EVAL", script, 1, fixture.keys.stream("s"), start, min(count, 10_000))
            }
            let terminal = try fixture.screen("shell", environment: ["REDSTREAM_HISTFILE": ""], rows: 40, columns: 160)
            try await terminal.shows { $0.cursorLine.hasSuffix(">") && $0.cursor.column > 0 }
            try await body(terminal, server)
            terminal.type("\u{3}\u{4}")
            #expect(try await terminal.waitForExit() == .status(0))
            // At once: removed one by one they would take a while.
            try await fixture.redis("FLUSHALL")
        }
    }

    @Test func usesNoTimeWhileItIsIdle() async throws {
        try await withShell { terminal, _ in
            let before = try processorTime(of: terminal.processID)
            try await Task.sleep(for: .seconds(1))
            #expect(try processorTime(of: terminal.processID) - before <= 1)
        }
    }

    /// Clock ticks that a process has used.
    private func processorTime(of process: Int32) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        return (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0)
    }
}
