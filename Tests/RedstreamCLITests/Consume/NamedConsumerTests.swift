import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// `consume --name`: lock, offset and commit.
@Suite struct NamedConsumerTests {
    @Test func commitsWhatThePipeHasTaken() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...3, to: fixture.keys.stream("products"))
            let tool = try fixture.tool(
                "consume", "--stream", "products", "--name", "indexer", "-o", "payload")
            for number in 1...3 { #expect(try await tool.nextLine() == "\(number)") }
            try await eventually("it is committed") { try await fixture.offset() == "3-0" }
            #expect(try await fixture.holder()?.hasSuffix(":\(tool.processID)") == true)
            tool.signal(SIGTERM)
            let result = try await tool.result()
            result.expect(.done)
            #expect(result.errorsBesidesNew.isEmpty)
            #expect(try await fixture.holder() == nil)
        }
    }

    @Test func readsOnAfterTheOffset() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...5, to: fixture.keys.stream("products"))
            for expected in [["1", "2"], ["3", "4"]] {
                let result = try await fixture.run(
                    "consume", "--stream", "products", "--name", "indexer", "--count", "2", "-o", "payload")
                result.expect(.done)
                #expect(result.lines == expected)
            }
            #expect(try await fixture.offset() == "4-0")
        }
    }

    @Test func writesAnOffsetBeforeItReads() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...1, to: fixture.keys.stream("products"))
            try await fixture.redis("XDEL", fixture.keys.stream("products"), "1-0")
            let result = try await fixture.run(
                "consume", "--stream", "products", "--name", "indexer", "--exit-at-end")
            result.expect(.done)
            #expect(try await fixture.offset() == "0-0")
        }
    }

    @Test func whereToStartMattersOnlyWhereThereIsNoOffset() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...5, to: fixture.keys.stream("products"))
            func consume(_ name: String, _ arguments: String...) async throws -> [String] {
                try await ToolProcess(
                    ["consume", "--stream", "products", "--exit-at-end", "-o", "payload", "--name", name]
                        + arguments, environment: fixture.toolEnvironment
                ).result().lines
            }
            #expect(try await consume("a", "--from", "4-0") == ["4", "5"])
            #expect(try await consume("a", "--from", "earliest") == [])
            #expect(try await consume("b", "--since", "000000000005") == ["5"])
            try await fixture.setOffset("3-0", of: "other")
            #expect(try await consume("c", "--from", "committed:other") == ["4", "5"])
        }
    }

    @Test func startedAtTheLatestStoppedAndStartedItMissesNothing() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.stream("products")
            try await fixture.add(numbered: 1...3, to: key)
            func start() throws -> ToolProcess {
                try fixture.tool(
                    "consume", "--stream", "products", "--name", "indexer", "--from", "latest", "-o",
                    "payload")
            }
            // Stopped before anything was read.
            let first = try start()
            try await eventually("the offset is written") { try await fixture.offset() == "3-0" }
            first.signal(SIGTERM)
            try await first.result().expect(.done)
            try await fixture.add(numbered: 4...5, to: key)
            let second = try start()
            #expect(try await second.nextLine() == "4")
            #expect(try await second.nextLine() == "5")
            second.signal(SIGKILL)
            _ = try await second.result()
        }
    }

    @Test func aConsumerThatDoesNotWaitNamesTheHolder() async throws {
        try await withNamespace { fixture in
            try await fixture.hold(fixture.keys.lock(ConsumerName(stream: "products", name: "indexer")))
            let result = try await fixture.run(
                "consume", "--stream", "products", "--name", "indexer", "--no-wait")
            result.expect(.lockHeld)
            #expect(result.errors.contains("the lock is held by f00@elsewhere:1"))
            #expect(result.errors.contains("hint: "))
        }
    }

    @Test func aStandbySaysWhomItWaitsForAndCanBeStopped() async throws {
        try await withNamespace { fixture in
            try await fixture.hold(fixture.keys.lock(ConsumerName(stream: "products", name: "indexer")))
            try await fixture.run("produce", "--stream", "products", "{}").expect(.done)
            let tool = try fixture.tool("consume", "--stream", "products", "--name", "indexer")
            try await tool.waitForErrors(containing: "stands by: held by f00@elsewhere:1")
            tool.signal(SIGTERM)
            let result = try await tool.result()
            result.expect(.done)
            #expect(result.errorsBesidesNew.count(of: "\n") == 1)
            #expect(try await fixture.holder() == "f00@elsewhere:1")
        }
    }

    @Test func whatTheCountCutOffIsNotCommitted() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...9, to: fixture.keys.stream("products"))
            let result = try await fixture.run(
                "consume", "--stream", "products", "--name", "indexer", "--count", "5", "--batch-size", "3")
            result.expect(.done)
            #expect(result.lines.count == 5)
            #expect(try await fixture.offset() == "5-0")
        }
    }

    @Test func aServerThatRestartsIsSaidOnceAndNothingIsMissed() async throws {
        try await RedisServer.with(.init(isDurable: true)) { server in
            try await withNamespace(on: server) { fixture in
                let key = fixture.keys.stream("products")
                try await fixture.add(numbered: 1...2, to: key)
                let tool = try fixture.tool(
                    "consume", "--stream", "products", "--name", "indexer", "-o", "payload")
                #expect(try await tool.nextLine() == "1")
                #expect(try await tool.nextLine() == "2")
                for round in 1...2 {
                    try await eventually("the batch is committed") {
                        try await fixture.offset() == "\(round * 2)-0"
                    }
                    await server.kill()
                    try await eventually("it says that the server is away") {
                        tool.errorsSoFar.count(of: "trying until it is back") == round
                    }
                    try await server.restart()
                    try await fixture.add(numbered: round * 2 + 1...round * 2 + 2, to: key)
                    #expect(try await tool.nextLine() == "\(round * 2 + 1)")
                    #expect(try await tool.nextLine() == "\(round * 2 + 2)")
                }
                tool.signal(SIGTERM)
                let result = try await tool.result()
                result.expect(.done)
                #expect(result.errors.count(of: "trying until it is back") == 2, "\(result.errors)")
                #expect(result.errors.count(of: "the server is back") == 2)
                #expect(try await fixture.offset() == "6-0")
            }
        }
    }

    @Test(arguments: [[], ["--name", "indexer"]])
    func aFollowerWaitsForAServerThatIsNotUpYetAndCanBeStopped(arguments: [String]) async throws {
        let directory = try TemporaryDirectory()
        let tool = try ToolProcess(
            ["consume", "--url", "unix://\(directory.path)/none", "--stream", "products"] + arguments)
        try await tool.waitForErrors(containing: "trying until it is back\nhint: ")
        tool.signal(SIGTERM)
        let result = try await tool.result()
        result.expect(.done)
        #expect(result.errorLines.count == 2)
    }
}
