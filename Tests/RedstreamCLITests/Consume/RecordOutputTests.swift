import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// The entries that `consume` writes, to pipes and to terminals.
@Suite struct RecordOutputTests {
    /// Entries that would command a terminal, with what no terminal may be sent.
    private func addHostile(_ fixture: Fixture) async throws {
        let key = fixture.keys.stream("products")
        try await fixture.redis("XADD", key, "1-0", "payload", "\u{1b}]0;owned\u{7}\u{1b}[2Jdone")
        try await fixture.redis("XADD", key, "2-0", "na\u{1b}me", "a\rb\nc\u{8}d")
        try await fixture.redis("XADD", key, "3-0", "payload", "\"\u{7f}\u{9b}31m\u{202e}\"")
        try await fixture.redis("XADD", key, "4-0", "payload", [0x9B, 0xFF, 0x00, 0x41] as [UInt8])
        try await fixture.redis("XADD", key, "5-0", "payload", "last")
    }

    private func output(_ arguments: String...) async throws -> ToolProcess.Result {
        try await withNamespace { fixture in
            let key = fixture.keys.stream("products")
            try await fixture.redis("XADD", key, "1-0", "payload", #"{"n": 1.0}"#)
            try await fixture.redis("XADD", key, "2-0", "a", "1", "b", "x y")
            return try await ToolProcess(
                ["consume", "--stream", "products", "--exit-at-end"] + arguments,
                environment: fixture.toolEnvironment
            ).result()
        }
    }

    @Test func aPipeGetsJSONLines() async throws {
        let expected = """
            {"id":"1-0","stream":"products","payload":{"n": 1.0}}
            {"id":"2-0","stream":"products","fields":[["a","1"],["b","x y"]]}

            """
        #expect(try await output().output == expected)
        #expect(try await output("-o", "json").output == expected)
    }

    @Test func textIsForPeople() async throws {
        #expect(try await output("-o", "text").output == "1-0  {\"n\": 1.0}\n2-0  a=1 b=x y\n")
    }

    @Test func payloadsAreRawAndAnEntryWithoutOneIsAnEmptyLine() async throws {
        #expect(try await output("-o", "payload").output == "{\"n\": 1.0}\n\n")
    }

    @Test func payloadsCanBeStrings() async throws {
        let lines = try await output("--payload-as-string").lines
        #expect(lines.line(0) == #"{"id":"1-0","stream":"products","payload_text":"{\"n\": 1.0}"}"#)
    }

    @Test func aPipeGetsEveryByteOfAPayload() async throws {
        try await withNamespace { fixture in
            try await addHostile(fixture)
            let result = try await fixture.run(
                "consume", "--stream", "products", "--exit-at-end", "--from", "4-0", "-o", "payload")
            #expect(result.outputBytes == [0x9B, 0xFF, 0x00, 0x41, 0x0A] + Array("last\n".utf8))
        }
    }

    @Test(arguments: ["text", "json", "payload", nil])
    func controlCharactersNeverReachATerminal(format: String?) async throws {
        try await withNamespace { fixture in
            try await addHostile(fixture)
            let terminal = try TerminalProcess(
                ["consume", "--stream", "products", "--exit-at-end"] + (format.map { ["-o", $0] } ?? []),
                environment: fixture.toolEnvironment)
            #expect(try await terminal.exit() == .status(0))
            let shown = terminal.shown
            #expect(shown.contains("last"))
            let lines = shown.replacing("\r\n", with: "\n")
            for scalar in lines.unicodeScalars where scalar != "\n" {
                #expect(scalar.properties.generalCategory != .control, "\(scalar.escaped(asASCII: true))")
                #expect(scalar != "\u{202e}" && scalar != "\u{FFFD}", "\(scalar.escaped(asASCII: true))")
            }
            #expect(lines.split(separator: "\n", omittingEmptySubsequences: false).count == 6, "\(lines)")
        }
    }

    @Test func aTerminalGetsText() async throws {
        try await withNamespace { fixture in
            try await fixture.add("{}", id: "1-0", to: fixture.keys.stream("products"))
            let terminal = try fixture.terminal("consume", "--stream", "products")
            try await terminal.waitUntilShown("1-0  {}\r\n")
            terminal.signal(SIGTERM)
            #expect(try await terminal.exit() == .status(0))
        }
    }

    @Test func errorsOnATerminalAreEscapedToo() async throws {
        try await withNamespace { fixture in
            let terminal = try fixture.terminal("forget", "--stream", "a\u{1b}[2J", "--name", "b\u{7}")
            #expect(try await terminal.exit() == .status(1))
            #expect(!terminal.shownBytes.contains(0x1b) && !terminal.shownBytes.contains(0x07))
        }
    }

    @Test func aReaderThatHasSeenEnoughEndsItQuietly() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...20_000, to: fixture.keys.stream("products"))
            let shell = try fixture.shell(
                #"{ "$REDSTREAM" consume --stream products; echo "status $?" >&2; } | head -1"#)
            let result = try await shell.result()
            #expect(result.output == #"{"id":"1-0","stream":"products","payload":1}"# + "\n")
            #expect(result.errors == "status 0\n")
        }
    }

    @Test func aReaderThatGoesWhileNothingComesEndsItToo() async throws {
        try await withNamespace { fixture in
            try await fixture.add("1", to: fixture.keys.stream("products"))
            for name in ["", " --name indexer"] {
                let shell = try fixture.shell(
                    #"{ "$REDSTREAM" consume --stream products\#(name); echo "status $?" >&2; } | head -1"#)
                #expect(try await shell.result().errorsBesidesNew == "status 0\n")
            }
        }
    }

    @Test func aFullDiskIsAFailure() async throws {
        try await withNamespace { fixture in
            try await fixture.add("1", to: fixture.keys.stream("products"))
            let shell = try fixture.shell(
                #""$REDSTREAM" consume --stream products --name indexer >/dev/full; echo "status $?""#)
            let result = try await shell.result()
            #expect(result.output == "status 1\n")
            #expect(
                result.errors.contains("redstream: cannot consume: cannot write the output: No space left"))
            #expect(try await fixture.offset() == "0-0")
        }
    }
}
