import FoundationEssentials
import Redstream
import RedstreamConnection
import TestSupport
import Testing

@testable import RedstreamCLI

/// The input of `produce`, and the messages that are made from it.
@Suite struct ProduceInputTests {
    @Test func argumentsAreWrittenInOrder() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.run("produce", "--stream", "products", #"{"id": 1}"#, "[2]", " 3 ")
            result.expect(.done)
            #expect(try await fixture.payloads() == [#"{"id": 1}"#, "[2]", "3"])
            let last = try #require(try await fixture.ids().last)
            #expect(result.output == "produced 3 messages to products, last id \(last)\n")
            #expect(result.errorsBesidesNew.isEmpty)
        }
    }

    @Test func anEntryIsWhatTheGemReads() async throws {
        try await withNamespace { fixture in
            try await fixture.run("produce", "--stream", "products", Gem.payload(id: 1)).expect(.done)
            let entry = try #require(try await fixture.entries(fixture.keys.stream("products")).first)
            #expect(entry.fields == ["payload", Gem.payload(id: 1)])
        }
    }

    @Test func aFileIsReadLineByLine() async throws {
        try await withNamespace { fixture in
            let directory = try TemporaryDirectory()
            let file = "\(directory.path)/lines"
            try "1\r\n\n  \n{\"a\": \"b\"}\n3".write(toFile: file, atomically: false, encoding: .utf8)
            try await fixture.run("produce", "--stream", "products", "--file", file).expect(.done)
            #expect(try await fixture.payloads() == ["1", #"{"a": "b"}"#, "3"])
        }
    }

    @Test(arguments: [[], ["--file", "-"]])
    func standardInputIsReadToItsEnd(arguments: [String]) async throws {
        try await withNamespace { fixture in
            let result = try await ToolProcess(
                ["produce", "--stream", "products"] + arguments, environment: fixture.toolEnvironment,
                input: .text("1\n2\n")
            ).result()
            result.expect(.done)
            #expect(try await fixture.payloads() == ["1", "2"])
        }
    }

    @Test func noMessagesAreNoFailure() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.run("produce", "--stream", "products")
            result.expect(.done)
            #expect(result.output == "produced 0 messages to products\n")
        }
    }

    @Test func idsBecomeNumbersOrStrings() async throws {
        try await withNamespace { fixture in
            let ids = "1\n-5\n0\n007\n12345678901234567890123\na\"b\n 7 \n\n \t\r\n x y\n"
            try await fixture.run("produce", "--stream", "products", "--ids", input: .text(ids)).expect(.done)
            #expect(
                try await fixture.payloads() == [
                    #"{"id":1}"#, #"{"id":-5}"#, #"{"id":0}"#, #"{"id":"007"}"#,
                    #"{"id":12345678901234567890123}"#, #"{"id":"a\"b"}"#, #"{"id":7}"#,
                    #"{"id":"x y"}"#,
                ])
        }
    }

    @Test func idsCanBeInsistedOnAsStrings() async throws {
        try await withNamespace { fixture in
            try await fixture.run("produce", "--stream", "products", "--ids", "--ids-as", "string", "1")
                .expect(.done)
            #expect(try await fixture.payloads() == [#"{"id":"1"}"#])
        }
    }

    @Test func anIdThatIsNotTheNumberInsistedOnIsRefused() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.run(
                "produce", "--stream", "products", "--ids", "--ids-as", "number", input: .text("1\n007\n"))
            result.expect(.badData)
            #expect(result.errors.contains("line 2 is invalid: the id is not a whole number"))
            #expect(try await fixture.payloads() == [#"{"id":1}"#])
        }
    }

    @Test func delayedMessagesStandInTheDelayStream() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.run("produce", "--stream", "products", "--delayed", "1")
            result.expect(.done)
            #expect(result.output.hasPrefix("produced 1 message to products.delay, last id "))
            #expect(try await fixture.payloads("products.delay") == ["1"])
            #expect(try await fixture.length(fixture.keys.stream("products")) == 0)
        }
    }

    @Test func aMissingFileIsNamed() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.run(
                "produce", "--stream", "products", "--file", "/nonexistent/lines")
            result.expect(.badData)
            #expect(result.errors == "redstream: cannot open /nonexistent/lines: No such file or directory\n")
        }
    }

    @Test func onATerminalItSaysWhatItWaitsFor() async throws {
        try await withNamespace { fixture in
            let terminal = try fixture.terminal("produce", "--stream", "products")
            try await terminal.waitUntilShown("one JSON payload per line; Ctrl-D ends")
            terminal.type("{\"id\": 1}\n\u{4}")
            #expect(try await terminal.exit() == .status(0))
            #expect(try await fixture.payloads() == [#"{"id": 1}"#])
        }
    }

    @Test func aLongLineTakesTimeInProportion() async throws {
        try await withNamespace { fixture in
            let line = [UInt8](repeating: UInt8(ascii: "x"), count: 100 << 20)
            let result = try await fixture.tool("produce", "--stream", "s", input: .bytes(line))
                .result(within: .seconds(30))
            #expect(result.exit == .status(65))
        }
    }
}
