import FoundationEssentials
import RedisClient
import TestSupport
import Testing

/// How soon the shell answers, and what it costs while nobody types.
struct ShellSpeedTests {
    @Test func answersAKeyAtOnceWithAHundredThousandStreamsInTheServer() async throws {
        let server = try await RedisServer.start()
        var configuration = server.configuration
        configuration.commandTimeout = .seconds(60)
        let connection = try await RedisConnection.connect(to: configuration)
        var fill = RedisPipeline()
        let script = """
            for number = 1, 10000 do
                redis.call('XADD', 'redstream:stream:s' .. ARGV[1] * 10000 + number, '*', 'payload', '{}')
            end
            """
        for part in 0..<10 { fill.append("EVAL", script, 0, part) }
        _ = try await connection.executeChecked(fill)
        #expect(try await connection.call("DBSIZE").integer == 100_000)

        let terminal = try Terminal(
            ["shell"], environment: ["REDSTREAM_URL": server.url, "REDSTREAM_HISTFILE": ""], rows: 40)
        try await terminal.shows(line: "redis>")
        let bound = Duration.milliseconds(20) * Sanitizer.slowness
        let key = try await fastestTry(under: bound, of: 60) { _ in
            try await answer(to: "x", in: terminal)
        }
        #expect(key < bound)
        let tab = try await fastestTry(under: bound, of: 60) { number in
            terminal.type("\u{15}use s\(number + 10)")
            try await terminal.shows(line: "redis> use s\(number + 10)")
            return try await answer(to: "\t", in: terminal)
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
        terminal.type("\u{3}\u{4}")
        #expect(try await terminal.waitForExit() == .status(0))
    }

    /// The time from a key to the change that it makes on the screen.
    private func answer(to key: String, in terminal: Terminal) async throws -> Duration {
        let before = terminal.screen
        let began = ContinuousClock.now
        terminal.type(key)
        try await eventually("the key is answered") {
            terminal.screen.lines != before.lines || terminal.screen.cursor != before.cursor
        }
        return began.duration(to: .now)
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
