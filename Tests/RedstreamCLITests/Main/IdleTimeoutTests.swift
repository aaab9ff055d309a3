import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// A server that closes idle connections is no server that is away.
@Suite struct IdleTimeoutTests {
    private func withServer(_ body: (Fixture) async throws -> Void) async throws {
        try await RedisServer.with(.init(lines: ["timeout 1"])) { server in
            try await withNamespace(on: server) { try await body($0) }
        }
    }

    /// Waits until the server has closed every connection of a name.
    private func waitUntilClosed(_ name: String, _ fixture: Fixture) async throws {
        try await eventually("the server has closed \(name)") {
            try await fixture.redis("CLIENT", "LIST").string?.contains("name=\(name) ") == false
        }
    }

    @Test func trimSaysNothingOfIt() async throws {
        try await withServer { fixture in
            let key = fixture.keys.stream("products")
            try await fixture.add(numbered: 1...3, to: key)
            let tool = try fixture.tool("trim", "--expiry", "1h", "--interval", "3s")
            for last in [3, 6] {
                #expect(try await tool.nextLine()?.hasPrefix("products: removed 3 up to \(last)-0") == true)
                try await waitUntilClosed("redstream:leases", fixture)
                try await fixture.add(numbered: last + 1...last + 3, to: key)
            }
            _ = try await tool.nextLine()
            tool.signal(SIGTERM)
            let result = try await tool.result()
            result.expect(.done)
            #expect(result.errors.isEmpty, "\(result.errors)")
        }
    }

    @Test func produceDoublesNothing() async throws {
        try await withServer { fixture in
            let tool = try fixture.tool("produce", "--stream", "products", "--print-ids", input: .pipe)
            for number in 1...2 {
                tool.write("\(number)\n")
                _ = try await tool.nextLine()
                try await waitUntilClosed("redstream:producer", fixture)
            }
            tool.closeInput()
            let result = try await tool.result()
            result.expect(.done)
            #expect(result.errorLines.count == 1, "\(result.errors)")
            #expect(result.errors.hasPrefix("produced 2 messages to products, last id "))
        }
    }

    @Test func consumeWithASlowHandlerSaysNothingOfIt() async throws {
        try await withServer { fixture in
            try await fixture.add(numbered: 1...2, to: fixture.keys.stream("products"))
            let tool = try fixture.tool(
                "consume", "--stream", "products", "--name", "n", "--batch-size", "1", "--exit-at-end", "--exec",
                "cat >/dev/null; sleep 3")
            let result = try await tool.result()
            result.expect(.done)
            #expect(result.errorsBesidesNew.isEmpty, "\(result.errors)")
            #expect(try await fixture.string(fixture.keys.offset(.init(stream: "products", name: "n"))) == "2-0")
        }
    }

    @Test func shellIsNotDown() async throws {
        let server = try await RedisServer.start(.init(lines: ["timeout 1"]))
        try await withShell(on: server) { terminal, fixture in
            terminal.type("PING\r")
            try await terminal.shows { $0.lines.suffix(2) == ["PONG", "redis>"] }
            try await waitUntilClosed("redstream:shell", fixture)
            terminal.type("\r")
            try await terminal.shows { $0.lines.suffix(2) == ["redis>", "redis>"] }
            try await waitUntilClosed("redstream:shell", fixture)
            terminal.type("ECHO again\r")
            try await terminal.shows { $0.lines.suffix(3) == ["redis> ECHO again", "\"again\"", "redis>"] }
        }
    }

    @Test func shellTellsThatItWatchesNothingAnyMore() async throws {
        let server = try await RedisServer.start(.init(lines: ["timeout 1"]))
        try await withShell(on: server) { terminal, fixture in
            terminal.type("WATCH \(fixture.namespace)\r")
            try await terminal.shows { $0.lines.suffix(2) == ["OK", "redis>"] }
            try await waitUntilClosed("redstream:shell", fixture)
            terminal.type("MULTI\r")
            try await terminal.shows {
                $0.lines.suffix(3) == [
                    "redstream: the connection was lost, and it watches nothing any more",
                    "hint: begin again with WATCH", "redis>",
                ]
            }
        }
    }
}
