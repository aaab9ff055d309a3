import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// `consume` without a name: it only looks.
@Suite struct LookTests {
    /// The payloads that a look at the entries 1-0 to 9-0 prints.
    private func look(_ arguments: String..., prepare: (Fixture) async throws -> Void = { _ in })
        async throws -> [String]
    {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...9, to: fixture.keys.stream("products"))
            try await prepare(fixture)
            let result = try await ToolProcess(
                ["consume", "--stream", "products", "--exit-at-end", "-o", "payload"] + arguments,
                environment: fixture.toolEnvironment
            ).result()
            result.expect(.done)
            return result.lines
        }
    }

    @Test func startsAtTheFirstEntry() async throws {
        #expect(try await look() == (1...9).map(String.init))
        #expect(try await look("--from", "earliest") == (1...9).map(String.init))
    }

    @Test func startsAtAnIDWhichIsIncluded() async throws {
        #expect(try await look("--from", "7-0") == ["7", "8", "9"])
        #expect(try await look("--from", "7-1") == ["8", "9"])
        #expect(try await look("--since", "000000000008") == ["8", "9"])
    }

    @Test func startsAtTheEnd() async throws {
        #expect(try await look("--from", "latest") == [])
    }

    @Test func startsAfterWhatAConsumerHasCommitted() async throws {
        #expect(
            try await look("--from", "committed:indexer") { try await $0.setOffset("6-0") } == [
                "7", "8", "9",
            ])
    }

    @Test func endsWithAnIDWhichIsIncluded() async throws {
        #expect(try await look("--until", "3-0") == ["1", "2", "3"])
        #expect(try await look("--until", "000000000003") == ["1", "2", "3"])
        #expect(try await look("--from", "2-0", "--until", "1970-01-01T00:00:00.004Z") == ["2", "3", "4"])
        #expect(try await look("--since", "1w") == [])
        #expect(try await look("--until", "1w").count == 9)
    }

    @Test(arguments: [1, 2, 3, 1000])
    func countsEntriesAcrossBatches(batchSize: Int) async throws {
        #expect(try await look("--count", "5", "--batch-size", "\(batchSize)") == (1...5).map(String.init))
    }

    @Test func endsAtOnceWhereThereIsNoStream() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.run("consume", "--stream", "products", "--exit-at-end")
            result.expect(.done)
            #expect(result.output.isEmpty)
            #expect(result.errorLines.count == 1)
            #expect(result.errors.hasPrefix("redstream: there is no stream products"))
        }
    }

    @Test func takesNoLockAndCommitsNothing() async throws {
        try await withNamespace { fixture in
            try await fixture.add(to: fixture.keys.stream("products"))
            let tool = try fixture.tool("consume", "--stream", "products")
            _ = try await tool.nextLine()
            let keys = try await fixture.redis("KEYS", "\(fixture.namespace):*").elements.compactMap(\.key)
            #expect(keys == [fixture.keys.stream("products")])
            tool.signal(SIGTERM)
            try await tool.result().expect(.done)
        }
    }

    @Test func followsWhatIsAddedUntilItIsStopped() async throws {
        try await withNamespace { fixture in
            let tool = try fixture.tool("consume", "--stream", "products", "-o", "payload")
            try await tool.waitForErrors(containing: "there is no stream products yet: waiting for its first entry")
            for number in 1...3 {
                try await fixture.add("\(number)", to: fixture.keys.stream("products"))
                #expect(try await tool.nextLine() == "\(number)")
            }
            tool.signal(SIGINT)
            let result = try await tool.result()
            result.expect(.done)
            #expect(result.errorLines.count == 1)
        }
    }

    @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
    func finiteWorkCutShortSaysSo(signal: Int32, code: Int32) async throws {
        try await withNamespace { fixture in
            try await fixture.add(to: fixture.keys.stream("products"))
            let tool = try fixture.tool("consume", "--stream", "products", "--count", "2")
            _ = try await tool.nextLine()
            tool.signal(signal)
            #expect(try await tool.result().exit == .status(code))
        }
    }

    @Test func aConsumerThatIsNotKnownIsNamed() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.run(
                "consume", "--stream", "products", "--from", "committed:nobody")
            result.expect(.failed)
            #expect(result.errors.contains("stream products has no consumer nobody\nhint: "))
        }
    }

    @Test func aKeyOfAnotherTypeIsASentence() async throws {
        try await withNamespace { fixture in
            try await fixture.redis("SET", fixture.keys.stream("products"), "text")
            for arguments in [[], ["--name", "indexer"], ["--exit-at-end"]] {
                let result = try await ToolProcess(
                    ["consume", "--stream", "products"] + arguments, environment: fixture.toolEnvironment
                ).result()
                result.expect(.failed)
                #expect(result.errors.contains("hint: a key of this name is of another type"))
            }
        }
    }

    @Test(arguments: [
        (["--from", "latest", "--since", "1h"], "give one"), (["--count", "0"], "at least 1"),
        (["--batch-size", "0"], "at least 1"), (["--exec", "true"], "add --name"),
        (["--no-wait"], "add --name"), (["--name", "n", "--exec", "true", "-o", "json"], "no use"),
        (["--from", "5"], "it has no unit"), (["--from", "committed:"], "names no consumer"),
        (["--name", ""], "--name is empty"), (["-o", "xml"], "-o"),
    ])
    func optionsThatDoNotFitAreWrongUsage(arguments: [String], reason: String) async throws {
        let result = try await ToolProcess.runWithoutServer(["consume", "--stream", "products"] + arguments)
        result.expect(.usage)
        #expect(result.errors.contains(reason), "\(result.errors)")
    }
}
