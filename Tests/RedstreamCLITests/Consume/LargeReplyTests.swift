import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// Entries that the server does not send all at once: its `client-output-buffer-limit` is smaller than the reply.
@Suite(.timeLimit(.minutes(3))) struct LargeReplyTests {
    /// Expects the one line about smaller parts, and no outage.
    private func expectOneLine(_ errors: String) {
        #expect(errors.count(of: "redstream: reading in smaller parts: ") == 1, "\(errors)")
        #expect(!errors.contains("trying "), "\(errors)")
        #expect(!errors.contains(" after "), "\(errors)")
    }

    @Test(arguments: [[], ["--max-attempts", "3"]])
    func consumerReadsLargeEntriesInSmallerParts(options: [String]) async throws {
        try await withLimitedServer { server, connection in
            let result = try await ToolProcess.run(
                ["consume", "--stream", "products", "--name", "c", "--exit-at-end", "--exec", "wc -l"] + options,
                environment: ["REDSTREAM_URL": server.url])
            result.expect(.done)
            #expect(result.lines.compactMap { Int($0) }.reduce(0, +) == 20)
            expectOneLine(result.errors)
            #expect(try await connection.call("GET", "redstream:offset:products:c").string == "20-0")
        }
    }

    @Test func readerReadsLargeEntriesInSmallerParts() async throws {
        try await withLimitedServer { server, _ in
            let result = try await ToolProcess.run(
                ["consume", "--stream", "products", "--exit-at-end", "-o", "json"],
                environment: ["REDSTREAM_URL": server.url])
            result.expect(.done)
            #expect(result.lines.count == 20)
            expectOneLine(result.errors)
        }
    }

    @Test func shardsReadLargeEntriesInSmallerParts() async throws {
        try await withLimitedServer(in: ["products-0", "products-1"]) { server, _ in
            let result = try await ToolProcess.run(
                [
                    "consume", "--stream", "products", "--shards", "2", "--name", "c", "--exit-at-end", "--exec",
                    "wc -l",
                ], environment: ["REDSTREAM_URL": server.url])
            result.expect(.done)
            #expect(result.lines.compactMap { Int($0) }.reduce(0, +) == 40)
            #expect(!result.errors.contains("trying "), "\(result.errors)")
        }
    }

    @Test func delayerMovesLargeEntriesInSmallerParts() async throws {
        try await withLimitedServer(in: ["products.delay"]) { server, connection in
            let once = try await ToolProcess.run(
                ["delay", "--stream", "products", "--delay", "1ms", "--once"],
                environment: ["REDSTREAM_URL": server.url])
            once.expect(.done)
            #expect(once.output.contains("moved 20 to products"))
            #expect(try await connection.call("XLEN", "redstream:stream:products").integer == 20)
        }
    }

    @Test func delayServiceMovesLargeEntriesInSmallerParts() async throws {
        try await withLimitedServer(in: ["products.delay"]) { server, connection in
            let tool = try ToolProcess(
                ["delay", "--stream", "products", "--delay", "1ms"], environment: ["REDSTREAM_URL": server.url])
            try await eventually("all are moved") {
                try await connection.call("XLEN", "redstream:stream:products").integer == 20
            }
            tool.signal(SIGTERM)
            let result = try await tool.result()
            result.expect(.done)
            expectOneLine(result.errors)
        }
    }

    @Test func deadLettersAreListedInSmallerParts() async throws {
        try await withLimitedServer(in: ["products.c.dead"]) { server, _ in
            let result = try await ToolProcess.run(
                ["dead-letters", "show", "--stream", "products", "--consumer", "c"],
                environment: ["REDSTREAM_URL": server.url])
            result.expect(.done)
            #expect(result.lines.count == 20)
            #expect(result.errors.count(of: "trying ") == 0, "\(result.errors)")
        }
    }

    @Test(arguments: [
        ["inspect-offsets"], ["trim", "--stream", "products", "--expiry", "1ms", "--dry-run"],
        ["seek", "--stream", "products", "--name", "c", "--shift-by", "15"],
    ])
    func countsAreMadeInSmallerParts(command: [String]) async throws {
        try await withLimitedServer { server, connection in
            try await connection.call("SET", "redstream:offset:products:c", "1-0")
            let result = try await ToolProcess.run(command, environment: ["REDSTREAM_URL": server.url])
            result.expect(.done)
            #expect(result.errors.count(of: "trying ") == 0, "\(result.errors)")
        }
    }

    @Test(arguments: [
        ["consume", "--stream", "products", "--name", "c", "--exec", "wc -l"], ["consume", "--stream", "products"],
        ["delay", "--stream", "products", "--delay", "1ms"],
    ])
    func entryBeyondTheLimitIsWaitedForQuietly(command: [String]) async throws {
        // What tells of a stream shows its first and its last entry, which are small.
        try await withLimitedServer(entries: [10, 1_500_000, 10], in: ["products", "products.delay"]) {
            server, connection in
            let tool = try ToolProcess(command, environment: ["REDSTREAM_URL": server.url])
            try await tool.waitForErrors(containing: "on reading a single entry")
            try await tool.waitForErrors(containing: "hint: CONFIG SET client-output-buffer-limit")
            // A connection for each try, and pauses that grow: eight tries take seconds.
            let (start, before) = (ContinuousClock.now, try await connections(connection))
            try await eventually("eight more tries") { try await connections(connection) >= before + 8 }
            #expect(start.duration(to: .now) > .seconds(1))
            #expect(tool.errorsSoFar.count(of: "trying ") == 1, "\(tool.errorsSoFar)")
            try await connection.call("CONFIG", "SET", "client-output-buffer-limit", "normal 0 0 0")
            try await tool.waitForErrors(containing: "the server sends the entry after ")
            tool.signal(SIGTERM)
            try await tool.result().expect(.done)
        }
    }

    private func connections(_ connection: RedisConnection) async throws -> Int {
        let info = try await connection.call("INFO", "stats").string ?? ""
        let line = info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("total_connections_received:") }
        return line?.split(separator: ":").last.flatMap { Int($0) } ?? 0
    }

    @Test func finiteWorkGivesUpOnAnEntryBeyondTheLimit() async throws {
        try await withLimitedServer(entries: [1_500_000]) { server, _ in
            for command in [["consume", "--stream", "products", "--exit-at-end"], ["inspect-offsets"]] {
                try await ToldError(
                    .unreachable, "on reading a single entry", hint: "CONFIG SET client-output-buffer-limit"
                ).expect(from: command + ["--retry-for", "500ms"], environment: ["REDSTREAM_URL": server.url])
            }
        }
    }
}
