import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// `delay` as a service.
@Suite struct DelayServiceTests {
    @Test func noMessageArrivesBeforeItsTimeAndAllSoonAfter() async throws {
        try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                let tool = try fixture.tool("delay", "--stream", "products", "--delay", "150ms")
                try await fixture.waitForHolder(tool.processID, of: "delayer", on: "products.delay")
                var lateness: [Int] = []
                for _ in 0..<5 {
                    let before = try await fixture.ids().count
                    let written = try await fixture.add(to: fixture.keys.delayStream("products"))
                    try await eventually("it arrived") { try await fixture.ids().count > before }
                    let arrived = try #require(try await fixture.ids().last)
                    lateness.append(milliseconds(arrived) - milliseconds(written) - 150)
                }
                #expect(lateness.allSatisfy { $0 >= 0 }, "\(lateness)")
                // The promise of 100 ms is one of an idle machine.
                #expect(try #require(lateness.min()) <= 100, "\(lateness)")
                tool.signal(SIGTERM)
                let result = try await tool.result()
                result.expect(.done)
                let note = "redstream: there is neither a stream products nor a delay stream of it yet"
                #expect(result.errors.hasPrefix(note) && result.errorLines.count == 1)
                #expect(result.lines.count == 5)
                #expect(try await fixture.holder(of: "delayer", on: "products.delay") == nil)
            }
        }
    }

    private func milliseconds(_ id: String) -> Int { Int(id.prefix { $0 != "-" }) ?? 0 }

    @Test func everyDelayStreamIsServedAndNewOnesJoin() async throws {
        try await withNamespace { fixture in
            try await fixture.add(to: fixture.keys.delayStream("a"))
            let tool = try fixture.tool("delay", "--delay", "0s", "-o", "json")
            #expect(try await tool.nextLine()?.hasPrefix(#"{"stream":"a","moved":1,"#) == true)
            try await fixture.add(to: fixture.keys.delayStream("b"))
            #expect(try await tool.nextLine()?.hasPrefix(#"{"stream":"b","moved":1,"#) == true)
            try await fixture.add(to: fixture.keys.delayStream("a"))
            #expect(try await tool.nextLine()?.hasPrefix(#"{"stream":"a","moved":1,"#) == true)
            tool.signal(SIGINT)
            try await tool.result().expect(.done)
        }
    }

    @Test func severalNamedStreamsAreServedAtOnce() async throws {
        try await withNamespace { fixture in
            let tool = try fixture.tool("delay", "--stream", "a", "--stream", "b", "--delay", "10ms")
            for stream in ["b", "a", "b"] {
                try await fixture.add(to: fixture.keys.delayStream(stream))
                #expect(try await tool.nextLine()?.hasPrefix("moved 1 to \(stream), up to ") == true)
            }
            tool.signal(SIGTERM)
            try await tool.result().expect(.done)
        }
    }

    @Test func theDelayInForceIsLeftForOperators() async throws {
        try await withNamespace { fixture in
            let tool = try fixture.tool("delay", "--stream", "products", "--delay", "1h30m")
            try await eventually("the delay is written") {
                try await fixture.string(fixture.keys.delay("products")) == "5400000"
            }
            tool.signal(SIGTERM)
            try await tool.result().expect(.done)
        }
    }

    @Test func aSecondDelayerStandsByAndTakesOver() async throws {
        try await withNamespace { fixture in
            let first = try fixture.tool("delay", "--stream", "products", "--delay", "0s")
            try await fixture.waitForHolder(first.processID, of: "delayer", on: "products.delay")
            let second = try fixture.tool("delay", "--stream", "products", "--delay", "0s")
            try await second.waitForErrors(containing: "stands by: held by ")
            first.signal(SIGTERM)
            try await first.result().expect(.done)
            try await fixture.waitForHolder(second.processID, of: "delayer", on: "products.delay")
            try await fixture.add(to: fixture.keys.delayStream("products"))
            #expect(try await second.nextLine()?.hasPrefix("moved 1 to products") == true)
            second.signal(SIGTERM)
            try await second.result().expect(.done)
        }
    }

    @Test func aServerThatRestartsIsSaidOnceAndNothingIsLostOrDoubled() async throws {
        try await RedisServer.with(.init(isDurable: true)) { server in
            try await withNamespace(on: server) { fixture in
                let delayKey = fixture.keys.delayStream("products")
                let tool = try fixture.tool("delay", "--stream", "products", "--delay", "0s")
                try await fixture.add("1", to: delayKey)
                _ = try await tool.nextLine()
                await server.kill()
                try await tool.waitForErrors(containing: "trying until it is back")
                try await server.restart()
                try await fixture.add("2", to: delayKey)
                _ = try await tool.nextLine()
                #expect(try await fixture.payloads() == ["1", "2"])
                #expect(try await fixture.length(delayKey) == 0)
                tool.signal(SIGTERM)
                let result = try await tool.result()
                result.expect(.done)
                #expect(result.errors.count(of: "trying until it is back") == 1)
                #expect(result.errors.count(of: "the server is back") == 1)
            }
        }
    }

    @Test func aTargetOfAnotherTypeEndsTheService() async throws {
        try await withNamespace { fixture in
            try await fixture.add("1", to: fixture.keys.delayStream("products"))
            try await fixture.redis("SET", fixture.keys.stream("products"), "text")
            for arguments in [["--stream", "products"], []] {
                let result = try await ToolProcess(
                    ["delay", "--delay", "0s"] + arguments, environment: fixture.toolEnvironment
                ).result()
                result.expect(.failed)
                #expect(result.errors.contains("products"), "\(result.errors)")
                #expect(try await fixture.length(fixture.keys.delayStream("products")) == 1)
            }
        }
    }
}
