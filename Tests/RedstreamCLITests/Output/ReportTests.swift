import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// Reports that cannot be written, and readers that are gone.
@Suite struct ReportTests {
    /// A script after which descriptor 5 is a pipe that nobody reads.
    private static func goneReader(in directory: TemporaryDirectory) -> String {
        "cd \(directory.path); mkfifo gone; exec 4<>gone 5>gone 4>&-"
    }

    // Changes.

    @Test(arguments: [
        ("seek --stream products --name indexer --to earliest", "the offset was moved", "undo: redstream seek"),
        ("forget --stream products --name indexer", "the consumer was forgotten", "undo: redstream seek"),
        ("produce --stream products 3", "the messages were produced", "produced 1 message"),
        ("produce --stream products -o json 3", "the messages were produced", #""produced":1"#),
        ("produce --stream products --print-ids 3", "the messages were produced", "produced 1 message"),
        ("trim --stream products --expiry 0s --once", "the streams were trimmed", "products: removed 2"),
        ("delay --stream products --delay 0s --once", "what was due was moved", "moved 1 to products"),
        ("dead-letters purge --stream products --consumer indexer --yes", "the dead letters were purged", "purged 1"),
        (
            "dead-letters replay --stream products --consumer indexer --yes", "the dead letters were replayed",
            "replayed 1"
        ),
    ])
    func changeThatCannotBeReportedIsNoFailure(command: String, change: String, report: String) async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...2, to: fixture.keys.stream("products"))
            try await fixture.add(to: fixture.keys.delayStream("products"))
            try await fixture.setOffset("1-0")
            try await fixture.add(to: fixture.keys.deadLetters(.init(stream: "products", name: "indexer")))
            let result = try await fixture.shell("\"$REDSTREAM\" \(command) >/dev/full").result()
            result.expect(.reportLost)
            #expect(
                result.errors.contains(
                    "redstream: \(change), but the report cannot be written: No space left on device\n"))
            #expect(result.errors.contains(report), "\(result.errors)")
        }
    }

    @Test func seekTellsHowToUndoItAlsoWithoutAReader() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...2, to: fixture.keys.stream("products"))
            try await fixture.setOffset("1-0")
            let directory = try TemporaryDirectory()
            let result = try await fixture.shell(
                """
                \(Self.goneReader(in: directory))
                "$REDSTREAM" seek --stream products --name indexer --to latest >&5
                """
            ).result()
            result.expect(.done)
            #expect(result.errors == "undo: redstream seek --stream products --name indexer --to 1-0\n")
            #expect(try await fixture.offset() == "2-0")
        }
    }

    @Test func trimWithoutAReaderTrimsAllStreams() async throws {
        try await withNamespace { fixture in
            for stream in ["a", "b", "c"] { try await fixture.add(numbered: 1...2, to: fixture.keys.stream(stream)) }
            let directory = try TemporaryDirectory()
            let result = try await fixture.shell(
                "\(Self.goneReader(in: directory)); \"$REDSTREAM\" trim --expiry 0s --once >&5"
            ).result()
            result.expect(.done)
            #expect(result.errors.isEmpty)
            for stream in ["a", "b", "c"] { #expect(try await fixture.ids(stream).isEmpty) }
        }
    }

    // Texts.

    @Test(arguments: [
        "--help", "--version", "help seek", "consume --help", "--generate-completion-script bash", "inspect-offsets",
        "inspect-offsets -o json", "consume --stream products --exit-at-end",
        "dead-letters list --stream products --consumer indexer", "shard-of --shards 4 1",
        "seek --stream products --name indexer --to latest --dry-run", "produce --stream products 3",
        "shell -c 'XRANGE key - +' -c help -c inspect-offsets",
    ])
    func goneReaderIsNoFailure(command: String) async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...2, to: fixture.keys.stream("products"))
            try await fixture.setOffset("1-0")
            try await fixture.add(to: fixture.keys.deadLetters(.init(stream: "products", name: "indexer")))
            let directory = try TemporaryDirectory()
            let result = try await fixture.shell(
                "\(Self.goneReader(in: directory)); \"$REDSTREAM\" \(command) >&5"
            ).result()
            result.expect(.done)
            #expect(result.errors.isEmpty)
        }
    }

    @Test(arguments: ["--help", "--version", "help seek", "consume --help"])
    func textThatCannotBeWrittenIsAFailureInWords(command: String) async throws {
        try await withNamespace { fixture in
            let result = try await fixture.shell("\"$REDSTREAM\" \(command) >/dev/full").result()
            result.expect(.failed)
            #expect(
                result.errors
                    == "redstream: cannot show the text: cannot write the output: No space left on device\n")
        }
    }

    @Test func limitOnFileSizesIsAnErrorOfTheWrite() async throws {
        try await withNamespace { fixture in
            let directory = try TemporaryDirectory()
            let result = try await fixture.shell(
                "ulimit -f 1; \"$REDSTREAM\" consume --help >\(directory.path)/out"
            ).result()
            result.expect(.failed)
            #expect(result.errors.contains("cannot write the output: File too large"))
        }
    }

    // Services.

    @Test(arguments: [
        "trim --expiry 1h --interval 1h", "delay --delay 1h", "delay --stream products --delay 1h",
        "consume --stream products --name indexer",
    ])
    func serviceNoticesAtOnceThatItsReaderIsGone(command: String) async throws {
        try await withNamespace { fixture in
            // It stands by, and has nothing to write.
            try await fixture.hold(fixture.keys.lock(.init(stream: "products", name: "indexer")))
            try await fixture.hold(fixture.keys.lock(.delayer(of: "products")))
            let directory = try TemporaryDirectory()
            let result = try await fixture.shell(
                "\(Self.goneReader(in: directory)); \"$REDSTREAM\" \(command) >&5"
            ).result()
            result.expect(.done)
        }
    }

    @Test func serviceWorksOnWithoutRoomForItsReports() async throws {
        try await withNamespace { fixture in
            let tool = try fixture.shell("exec \"$REDSTREAM\" trim --expiry 1h --interval 20ms >/dev/full")
            for stream in ["a", "b"] {
                try await fixture.add(numbered: 1...3, to: fixture.keys.stream(stream))
                try await tool.waitForErrors(containing: "\(stream): removed 3 up to 3-0")
            }
            tool.signal(SIGTERM)
            let result = try await tool.result()
            result.expect(.done)
            #expect(result.errors.count(of: "the report cannot be written: No space left on device") == 1)
        }
    }

    @Test func readerThatDoesNotReadHoldsUpNoDelayer() async throws {
        try await withNamespace { fixture in
            let directory = try TemporaryDirectory()
            let tool = try fixture.shell(
                """
                cd \(directory.path); mkfifo full; exec 9<>full
                timeout 1 dd if=/dev/zero of=/dev/fd/9 bs=65536 count=1 2>/dev/null
                exec "$REDSTREAM" delay --stream products --delay 0s >&9
                """)
            for number in 1...5 {
                try await fixture.add("\(number)", to: fixture.keys.delayStream("products"))
                try await eventually("\(number) has arrived") { try await fixture.payloads().last == "\(number)" }
            }
            tool.signal(SIGTERM)
            try await tool.result(within: .seconds(9)).expect(.done)
        }
    }
}
