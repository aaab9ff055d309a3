import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// `seek` and `forget`.
@Suite struct SeekTests {
    private func prepared(_ body: (Fixture) async throws -> Void) async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...9, to: fixture.keys.stream("products"))
            try await fixture.setOffset("5-0")
            try await body(fixture)
        }
    }

    private func seek(_ fixture: Fixture, _ arguments: String...) async throws -> ToolProcess.Result {
        try await ToolProcess(
            ["seek", "--stream", "products", "--name", "indexer"] + arguments,
            environment: fixture.toolEnvironment
        ).result()
    }

    /// Runs the command that a report names, as it would be pasted.
    private func undo(_ report: ToolProcess.Result, _ fixture: Fixture, _ environment: [String: String] = [:])
        async throws -> ToolProcess.Result
    {
        let line = try #require(report.lines.last { $0.hasPrefix("undo: redstream ") })
        let script = line.replacing("undo: redstream ", with: #""$REDSTREAM" "#, maxReplacements: 1)
        return try await fixture.shell(script, environment: environment).result()
    }

    @Test(arguments: [
        ("earliest", "0-0"), ("latest", "9-0"), ("3-0", "3-0"), ("7-5", "7-5"), ("committed:other", "8-0"),
        ("1970-01-01T00:00:00.004Z", "3-18446744073709551615"), ("000000000004", "3-18446744073709551615"),
        ("1w", nil),
    ])
    func anOffsetGoesWhereItIsTold(target: String, offset: String?) async throws {
        try await prepared { fixture in
            try await fixture.setOffset("8-0", of: "other")
            try await seek(fixture, "--to", target).expect(.done)
            let moved = try #require(try await fixture.offset())
            if let offset { #expect(moved == offset) } else { #expect(moved > "1") }
        }
    }

    @Test(arguments: [(-2, "3-0"), (2, "7-0"), (-100, "0-0"), (100, "9-0"), (0, "5-0")])
    func anOffsetMovesBySoManyEntries(count: Int, offset: String) async throws {
        try await prepared { fixture in
            try await seek(fixture, "--shift-by", "\(count)").expect(.done)
            #expect(try await fixture.offset() == offset)
        }
    }

    @Test(arguments: [
        ("2-0", "3 entries are delivered again"), ("7-0", "2 entries are skipped"), ("5-0", "no entries"),
    ])
    func theReportSaysWhatItMeans(target: String, effect: String) async throws {
        try await prepared { fixture in
            let result = try await seek(fixture, "--to", target)
            #expect(
                result.lines.line(0).hasPrefix("products, indexer: moved from 5-0 to \(target): \(effect)"))
            #expect(result.lines.line(1) == "undo: redstream seek --stream products --name indexer --to 5-0")
        }
    }

    @Test func theJSONReportHasStableKeys() async throws {
        try await prepared { fixture in
            let plan = try await seek(fixture, "--to", "earliest", "--dry-run", "-o", "json").output
            #expect(
                plan == #"""
                    {"stream":"products","consumer":"indexer","dry_run":true,"prior":"5-0","offset":"0-0",\#
                    "redelivered":5,"skipped":0,"undo":null}

                    """#)
            let report = try await seek(fixture, "--to", "latest", "-o", "json").output
            #expect(
                report == #"""
                    {"stream":"products","consumer":"indexer","dry_run":false,"prior":"5-0","offset":"9-0",\#
                    "redelivered":0,"skipped":4,\#
                    "undo":"redstream seek --stream products --name indexer --to 5-0"}

                    """#)
        }
    }

    @Test func aDryRunChangesNothing() async throws {
        try await prepared { fixture in
            let result = try await seek(fixture, "--to", "earliest", "--dry-run")
            result.expect(.done)
            #expect(
                result.output
                    == "products, indexer: would move from 5-0 to 0-0: 5 entries would be delivered again\n")
            #expect(try await fixture.offset() == "5-0")
        }
    }

    @Test func theCommandThatItPrintsUndoesIt() async throws {
        try await prepared { fixture in
            let report = try await seek(fixture, "--to", "earliest")
            try await undo(report, fixture).expect(.done)
            #expect(try await fixture.offset() == "5-0")
        }
    }

    @Test func theUndoOfAFirstSeekForgetsTheConsumer() async throws {
        try await prepared { fixture in
            let report = try await fixture.run(
                "seek", "--stream", "products", "--name", "new", "--to", "latest")
            #expect(try await fixture.offset(of: "new") == "9-0")
            try await undo(report, fixture).expect(.done)
            #expect(try await fixture.offset(of: "new") == nil)
        }
    }

    @Test func namesThatAShellWouldTakeApartAreUndoneToo() async throws {
        try await withNamespace { fixture in
            let (stream, name) = ("it's a $stream; `x`", "né \"me\"*")
            try await fixture.add(numbered: 1...3, to: fixture.keys.stream(stream))
            try await fixture.setOffset("2-0", of: name, on: stream)
            for command in [["seek", "--to", "earliest"], ["forget"]] {
                let report = try await ToolProcess(
                    command + ["--stream", stream, "--name", name], environment: fixture.toolEnvironment
                ).result()
                report.expect(.done)
                #expect(try await fixture.offset(of: name, on: stream) != "2-0")
                try await undo(report, fixture).expect(.done)
                #expect(try await fixture.offset(of: name, on: stream) == "2-0")
            }
        }
    }

    @Test(arguments: [["seek", "--to", "earliest"], ["forget"]])
    func theUndoNamesTheServerAndTheNamespaceThatWereNamed(command: [String]) async throws {
        try await prepared { fixture in
            let report = try await ToolProcess(
                command + ["--stream", "products", "--name", "indexer", "--url", fixture.server.url]
                    + ["--namespace", fixture.namespace]
            ).result()
            report.expect(.done)
            #expect(try await fixture.offset() != "5-0")
            // As in a shell where neither is set.
            try await undo(report, fixture, ["REDSTREAM_URL": "", "REDSTREAM_NAMESPACE": ""]).expect(.done)
            #expect(try await fixture.offset() == "5-0")
        }
    }

    @Test(arguments: [["seek", "--to", "earliest"], ["forget"]])
    func itIsRefusedWhileTheConsumerRunsAndNamesTheHolder(command: [String]) async throws {
        try await prepared { fixture in
            let consumer = try fixture.tool("consume", "--stream", "products", "--name", "indexer")
            try await fixture.waitForHolder(consumer.processID)
            let holder = try #require(try await fixture.holder())
            let result = try await ToolProcess(
                command + ["--stream", "products", "--name", "indexer"], environment: fixture.toolEnvironment
            ).result()
            result.expect(.lockHeld)
            let parts = try #require(holder.split(separator: "@").last).split(separator: ":")
            #expect(result.errors.contains("indexer runs on \(parts[0]), pid \(parts[1])\n"), "\(result.errors)")
            #expect(result.errors.contains("hint: stop it (and its standbys) first"))
            consumer.signal(SIGTERM)
            try await consumer.result().expect(.done)
            #expect(try await fixture.offset() == "9-0")
            try await seek(fixture, "--to", "earliest").expect(.done)
        }
    }

    @Test(arguments: [[], ["--dry-run"]])
    func newConsumerIsSaidWithWhatWasMeant(flags: [String]) async throws {
        try await prepared { fixture in
            let result = try await ToolProcess.run(
                ["seek", "--stream", "products", "--name", "indexr", "--to", "latest"] + flags,
                environment: fixture.toolEnvironment)
            result.expect(.done)
            #expect(result.errors == "redstream: products, indexr: a new consumer (did you mean indexer?)\n")
        }
    }

    @Test func forgettingRemovesTheOffset() async throws {
        try await prepared { fixture in
            let plan = try await fixture.run(
                "forget", "--stream", "products", "--name", "indexer", "--dry-run", "-o", "json")
            #expect(
                plan.output == #"{"stream":"products","consumer":"indexer","dry_run":true,"offset":"5-0"}"#
                    + "\n")
            #expect(try await fixture.offset() == "5-0")
            let result = try await fixture.run("forget", "--stream", "products", "--name", "indexer")
            result.expect(.done)
            #expect(try await fixture.offset() == nil)
            let again = try await fixture.run("forget", "--stream", "products", "--name", "indexer")
            again.expect(.failed)
            #expect(again.errors.contains("stream products has no consumer indexer\nhint: "))
        }
    }

    @Test(arguments: [
        (["seek"], "either --to or --shift-by"), (["seek", "--to", "latest", "--shift-by", "1"], "either"),
        (["seek", "--to", "5"], "it has no unit"), (["seek", "--shift-by", "x"], "--shift-by"),
        (["forget", "--to", "1-0"], "--to"),
    ])
    func optionsThatDoNotFitAreWrongUsage(arguments: [String], reason: String) async throws {
        let result = try await ToolProcess.runWithoutServer(
            arguments + ["--stream", "products", "--name", "indexer"])
        result.expect(.usage)
        #expect(result.errors.contains(reason), "\(result.errors)")
    }
}
