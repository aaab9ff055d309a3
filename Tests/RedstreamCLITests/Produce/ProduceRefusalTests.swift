import Redstream
import RedstreamConnection
import TestSupport
import Testing

@testable import RedstreamCLI

/// Lines that are no messages: the gem would retry them for ever.
@Suite struct ProduceRefusalTests {
    @Test func aBadLineInTheMiddleIsNamedAndWhatCameBeforeStaysSent() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.run(
                "produce", "--stream", "products", input: .text("1\n2\n{bad}\n4\n"))
            result.expect(.badData)
            #expect(result.errorLines.last?.hasPrefix("redstream: line 3 is not JSON: ") == true)
            #expect(result.errors.contains("produced 2 messages to products, last id "))
            #expect(result.output.isEmpty)
            #expect(try await fixture.payloads() == ["1", "2"])
        }
    }

    @Test func aBadLineBehindManyChunksIsNamedByItsNumber() async throws {
        try await withNamespace { fixture in
            let good = String(
                repeating: #"{"text":"\#(String(repeating: "x", count: 90))"}"# + "\n", count: 20_000)
            let result = try await fixture.run(
                "produce", "--stream", "products", input: .text(good + "nope\n" + good))
            result.expect(.badData)
            #expect(result.errors.contains("line 20001 is not JSON"))
            #expect(result.errors.contains("produced 20,000 messages"))
            #expect(try await fixture.length(fixture.keys.stream("products")) == 20_000)
        }
    }

    @Test func theBadLineItselfIsNotShown() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.run(
                "produce", "--stream", "products", input: .text(#"{"card": 4111111111111111, secret}"#))
            result.expect(.badData)
            #expect(!result.errors.contains("4111"))
            #expect(!result.errors.contains("secret"))
        }
    }

    static let hostile: [(String, [UInt8])] = [
        (
            "nesting of 101",
            Array((String(repeating: "[", count: 101) + String(repeating: "]", count: 101)).utf8)
        ),
        ("nesting of a million", [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)),
        ("a lone surrogate", Array(#"{"a":"\ud800"}"#.utf8)),
        ("a lone low surrogate", Array(#"{"a":"\udc00\ud800"}"#.utf8)),
        ("NUL in a string", Array("{\"a\":\"\0\"}".utf8)),
        ("NUL after the text", Array("1\0".utf8)),
        ("a control character", Array("\"\u{1b}[2J\"".utf8)),
        ("invalid UTF-8", Array("\"".utf8) + [0xFF, 0xFE] + Array("\"".utf8)),
        ("overlong UTF-8", Array("\"".utf8) + [0xC0, 0x80] + Array("\"".utf8)),
        ("a surrogate in UTF-8", Array("\"".utf8) + [0xED, 0xA0, 0x80] + Array("\"".utf8)),
        ("a byte order mark behind a blank", [0x20, 0xEF, 0xBB, 0xBF] + Array("{}".utf8)),
        ("two texts", Array("{} {}".utf8)),
        ("a trailing comma", Array("[1,]".utf8)),
        ("a comment", Array("{} // x".utf8)),
        ("NaN", Array("NaN".utf8)),
        ("an infinity", Array("[-Infinity]".utf8)),
        ("a leading zero", Array("01".utf8)),
        ("single quotes", Array("{'a':1}".utf8)),
        ("an unclosed string", Array("\"a".utf8)),
    ]

    @Test(arguments: hostile.indices)
    func hostileTextIsRefusedAndNothingIsWritten(index: Int) async throws {
        let (name, line) = Self.hostile[index]
        try await withNamespace { fixture in
            let result = try await fixture.run(
                "produce", "--stream", "products", input: .bytes(line + Array("\n".utf8)))
            #expect(result.exit == .status(65), "\(name): \(result.errors)")
            #expect(result.errors.contains("redstream: line 1 is not JSON: "), "\(name)")
            #expect(try await fixture.length(fixture.keys.stream("products")) == 0, "\(name)")
        }
    }

    @Test func theDeepestNestingThatTheGemReadsIsAccepted() async throws {
        try await withNamespace { fixture in
            let text = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
            try await fixture.run("produce", "--stream", "products", text).expect(.done)
            #expect(try await fixture.payloads() == [text])
        }
    }

    @Test func badLinesCanBeSkippedAndAreNamedAndCounted() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.run(
                "produce", "--stream", "products", "--invalid", "skip", input: .text("1\n{\n2\nx\n3\n"))
            result.expect(.done)
            #expect(
                result.errorsBesidesNew.split(separator: "\n").map { $0.prefix(26) } == [
                    "redstream: line 2 is not J", "redstream: line 4 is not J",
                ])
            #expect(result.output.hasPrefix("produced 3 messages"))
            #expect(result.output.hasSuffix(", 2 lines skipped\n"))
            #expect(try await fixture.payloads() == ["1", "2", "3"])
        }
    }

    @Test func aBadArgumentIsNamedByItsNumber() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.run("produce", "--stream", "products", "1", "{", "3")
            result.expect(.badData)
            #expect(result.errors.contains("argument 2 is not JSON"))
            #expect(try await fixture.payloads() == ["1"])
        }
    }

    @Test func bareWordIsShownWithWhatToWriteInstead() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.run("produce", "--stream", "products", "hello")
            result.expect(.badData)
            #expect(
                result.errorLines.suffix(2) == [
                    #"redstream: argument 1 is not JSON ("hello"): a value is missing at byte 1"#,
                    #"hint: write '"hello"' for a JSON string, or use --ids for the ids of records"#,
                ])
            // What comes by a file may be a secret.
            let line = try await fixture.run("produce", "--stream", "products", input: .text("hello\n"))
            #expect(!line.errors.contains("hello"))
        }
    }

    @Test(arguments: [
        (["--ids", "--records"], "give one"), (["--ids-as", "number"], "--ids"),
        (["--keep-ids"], "--records"),
        (["--file", "x", "1"], "not both"), (["--wait-replicas", "0", "1"], "at least 1"),
        (["--invalid", "ignore", "1"], "--invalid"), (["--wait-timeout", "5", "1"], "it has no unit"),
    ])
    func optionsThatDoNotFitAreWrongUsage(arguments: [String], reason: String) async throws {
        let result = try await ToolProcess.runWithoutServer(["produce", "--stream", "products"] + arguments)
        result.expect(.usage)
        #expect(result.errors.contains(reason))
        #expect(result.errors.hasSuffix("hint: redstream produce --help\n"))
    }

    @Test(arguments: [[""], [" \t"], ["--ids", ""], ["--around", "touch ran", ""]])
    func anEmptyArgumentIsRefused(arguments: [String]) async throws {
        try await withNamespace { fixture in
            let result = try await ToolProcess.run(
                ["produce", "--stream", "products"] + arguments, environment: fixture.toolEnvironment)
            result.expect(.badData)
            #expect(result.errors.contains("argument 1 is invalid: it is empty"))
        }
    }

    @Test(arguments: [["produce", "1"], ["produce", "--stream", "", "1"]])
    func aStreamMustBeNamed(arguments: [String]) async throws {
        let result = try await ToolProcess.runWithoutServer(arguments)
        result.expect(.usage)
        #expect(result.errors.contains("--stream"))
    }
}
