import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// `trim` as a service.
@Suite struct TrimServiceTests {
    @Test func passesAreMadeAgainAndAgainAndNewStreamsJoin() async throws {
        try await withNamespace { fixture in
            // Without a stream there would be a note, if the first pass comes early.
            try await fixture.add(numbered: 1...3, to: fixture.keys.stream("a"))
            let tool = try fixture.tool("trim", "--expiry", "1h", "--interval", "50ms")
            for (number, stream) in ["a", "b", "a"].enumerated() {
                if number > 0 {
                    try await fixture.redis("DEL", fixture.keys.stream(stream))
                    try await fixture.add(numbered: 1...3, to: fixture.keys.stream(stream))
                }
                #expect(try await tool.nextLine()?.hasPrefix("\(stream): removed 3 up to 3-0") == true)
            }
            tool.signal(SIGTERM)
            let result = try await tool.result()
            result.expect(.done)
            #expect(result.lines.count == 3)
            #expect(result.errors.isEmpty)
        }
    }

    @Test func aHeldStreamIsReportedOnceAndTrimmedWhenItIsFree() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...2, to: fixture.keys.stream("a"))
            try await fixture.add(numbered: 1...2, to: fixture.keys.stream("b"))
            try await fixture.hold(fixture.keys.trimmerLock("a"))
            let tool = try fixture.tool("trim", "--expiry", "1h", "--interval", "20ms")
            #expect(try await tool.nextLine() == "a: skipped, held by f00@elsewhere:1")
            #expect(try await tool.nextLine()?.hasPrefix("b: removed 2 ") == true)
            // More passes have gone by when a new stream has been trimmed.
            for round in 1...3 {
                try await fixture.add(numbered: 1...2, to: fixture.keys.stream("round\(round)"))
                #expect(try await tool.nextLine()?.hasPrefix("round\(round): removed 2 ") == true)
            }
            try await fixture.redis("DEL", fixture.keys.trimmerLock("a").key)
            #expect(try await tool.nextLine()?.hasPrefix("a: removed 2 ") == true)
            tool.signal(SIGTERM)
            try await tool.result().expect(.done)
        }
    }

    @Test func aServerThatRestartsIsSaidOnce() async throws {
        try await RedisServer.with(.init(isDurable: true)) { server in
            try await withNamespace(on: server) { fixture in
                let key = fixture.keys.stream("products")
                try await fixture.add(numbered: 1...2, to: key)
                let tool = try fixture.tool("trim", "--expiry", "1h", "--interval", "20ms")
                _ = try await tool.nextLine()
                await server.kill()
                try await tool.waitForErrors(containing: "trying until it is back")
                try await server.restart()
                try await fixture.add(numbered: 3...5, to: key)
                #expect(try await tool.nextLine()?.hasPrefix("products: removed 3 up to 5-0") == true)
                // The report comes within the pass, this line after it.
                try await tool.waitForErrors(containing: "the server is back")
                tool.signal(SIGTERM)
                let result = try await tool.result()
                result.expect(.done)
                #expect(result.errors.count(of: "trying until it is back") == 1)
                #expect(result.errors.count(of: "the server is back") == 1)
            }
        }
    }

    @Test func aStopEndsTheWaitBetweenPasses() async throws {
        try await withNamespace { fixture in
            try await fixture.add(to: fixture.keys.stream("products"))
            let tool = try fixture.tool("trim", "--expiry", "0s", "--interval", "1h")
            _ = try await tool.nextLine()
            tool.signal(SIGINT)
            try await tool.result().expect(.done)
            #expect(try await fixture.string(fixture.keys.trimmerLock("products").key) == nil)
        }
    }
}
