import Redstream
import RedstreamConnection
import TestSupport
import Testing

@testable import RedstreamCLI

/// `delay --once`.
@Suite struct DelayOnceTests {
    @Test func movesWhatIsDueAndLeavesTheRest() async throws {
        try await withNamespace { fixture in
            let delayKey = fixture.keys.delayStream("products")
            try await fixture.add(numbered: 1...2, to: delayKey)
            let young = try await fixture.add("young", to: delayKey)
            let result = try await fixture.run("delay", "--stream", "products", "--delay", "1h", "--once")
            result.expect(.done)
            #expect(result.output == "moved 2 to products, up to 2-0\n")
            #expect(try await fixture.payloads() == ["1", "2"])
            #expect(try await fixture.ids("products.delay") == [young])
        }
    }

    @Test func everyFieldIsCarriedAlong() async throws {
        try await withNamespace { fixture in
            try await fixture.redis(
                "XADD", fixture.keys.delayStream("products"), "1-0", "a", "1", "payload", "{}", "a", "2")
            try await fixture.run("delay", "--stream", "products", "--delay", "0s", "--once").expect(.done)
            let entry = try #require(try await fixture.entries(fixture.keys.stream("products")).first)
            #expect(entry.fields == ["a", "1", "payload", "{}", "a", "2"])
        }
    }

    @Test func theJSONReportHasStableKeys() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...2, to: fixture.keys.delayStream("products"))
            let arguments = ["delay", "--stream", "products", "--delay", "0s", "--once", "-o", "json"]
            for expected in [#""moved":2,"last_id":"2-0""#, #""moved":0,"last_id":null"#] {
                let result = try await ToolProcess(arguments, environment: fixture.toolEnvironment).result()
                #expect(result.output == #"{"stream":"products",\#(expected)}"# + "\n")
            }
        }
    }

    @Test func severalStreamsAreServedAndWithoutOneAll() async throws {
        try await withNamespace { fixture in
            for stream in ["a", "b", "c"] { try await fixture.add(to: fixture.keys.delayStream(stream)) }
            try await fixture.run("delay", "--stream", "a", "--stream", "b", "--delay", "0s", "--once")
                .expect(.done)
            #expect(try await fixture.length(fixture.keys.stream("a")) == 1)
            #expect(try await fixture.length(fixture.keys.stream("b")) == 1)
            #expect(try await fixture.length(fixture.keys.stream("c")) == 0)
            let result = try await fixture.run("delay", "--delay", "0s", "--once")
            result.expect(.done)
            #expect(result.output.contains("moved 1 to c"))
            #expect(try await fixture.length(fixture.keys.stream("c")) == 1)
        }
    }

    @Test func aHeldLockIsNotWaitedFor() async throws {
        try await withNamespace { fixture in
            try await fixture.add(to: fixture.keys.delayStream("products"))
            try await fixture.hold(fixture.keys.lock(.delayer(of: "products")))
            let result = try await fixture.run("delay", "--stream", "products", "--delay", "0s", "--once")
            result.expect(.lockHeld)
            #expect(
                result.errors == """
                    redstream: the delayer of products is held by f00@elsewhere:1
                    hint: --wait stands by until it is free

                    """)
            #expect(try await fixture.length(fixture.keys.delayStream("products")) == 1)
        }
    }

    @Test func aHeldLockIsWaitedForOnRequest() async throws {
        try await withNamespace { fixture in
            try await fixture.add(to: fixture.keys.delayStream("products"))
            let lock = fixture.keys.lock(.delayer(of: "products"))
            try await fixture.hold(lock)
            let tool = try fixture.tool("delay", "--stream", "products", "--delay", "0s", "--once", "--wait")
            try await tool.waitForErrors(containing: "stands by: held by f00@elsewhere:1")
            try await fixture.redis("DEL", lock.key)
            try await fixture.redis("RPUSH", lock.notifyKey, "1")
            let result = try await tool.result()
            result.expect(.done)
            #expect(result.output.hasPrefix("moved 1 to products"))
        }
    }

    @Test func aTargetOfAnotherTypeLosesNothing() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...3, to: fixture.keys.delayStream("products"))
            try await fixture.redis("SET", fixture.keys.stream("products"), "text")
            let result = try await fixture.run("delay", "--stream", "products", "--delay", "0s", "--once")
            result.expect(.failed)
            #expect(result.errors.contains("redstream: cannot move delay messages: "))
            #expect(try await fixture.ids("products.delay") == ["1-0", "2-0", "3-0"])
        }
    }

    @Test func aTargetThatHasUsedUpItsIDsLosesNothing() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...3, to: fixture.keys.delayStream("products"))
            try await fixture.add(
                id: "18446744073709551615-18446744073709551615", to: fixture.keys.stream("products"))
            let result = try await fixture.run("delay", "--stream", "products", "--delay", "0s", "--once")
            result.expect(.failed)
            #expect(try await fixture.ids("products.delay") == ["1-0", "2-0", "3-0"])
        }
    }

    @Test(arguments: [
        (["--once"], "--delay"), (["--delay", "5", "--once"], "it has no unit: write 5s, 5m or 5h"),
        (["--delay", "5m", "--wait"], "--wait goes with --once"),
        (["--delay", "5m", "--stream", ""], "--stream is empty"),
        (["--delay", "-5m"], "--delay"),
    ])
    func optionsThatDoNotFitAreWrongUsage(arguments: [String], reason: String) async throws {
        let result = try await ToolProcess.runWithoutServer(["delay"] + arguments)
        result.expect(.usage)
        #expect(result.errors.contains(reason), "\(result.errors)")
    }
}
