import Foundation
import Redstream
import RedstreamConnection
import TestSupport
import Testing

@testable import RedstreamCLI

/// The input of `produce --around`: when it is taken, and where it is kept.
@Suite struct AroundInputTests {
    @Test func theSetIsTakenOnceBeforeTheCommandChangesWhereItCameFrom() async throws {
        try await withNamespace { fixture in
            let directory = try TemporaryDirectory()
            let file = "\(directory.path)/ids"
            try "1\n2\n".write(toFile: file, atomically: false, encoding: .utf8)
            let tool = try fixture.tool(
                "produce", "--stream", "products", "--ids", "--file", file, "--around", "echo 3 > \(file)")
            try await tool.result().expect(.done)
            try await fixture.expectAround(delayed: Around.payloads, queued: Around.payloads)
        }
    }

    @Test func whereALineIsBadNothingIsWrittenAndNothingRuns() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.around("echo ran", input: Around.lines + "{\n").result()
            result.expect(.badData)
            #expect(result.output.isEmpty)
            #expect(result.errors.hasPrefix("redstream: line 3 is not JSON: the text ends too early"))
            #expect(result.errors.contains("nothing was written, and the command did not run"))
            try await fixture.expectAround(delayed: [], queued: [])
        }
    }

    @Test func badLinesThatAreSkippedAreNamedOnceAndTheRestGoes() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.around(
                "true", "--invalid", "skip", "-o", "json", input: "{\n\(Around.lines)[\n"
            ).result()
            result.expect(.done)
            #expect(result.errors.count(of: "is not JSON") == 2)
            #expect(result.errors.contains(#""skipped":2,"delayed":2,"command_status":0}"#))
            try await fixture.expectAround(delayed: Around.payloads, queued: Around.payloads)
        }
    }

    @Test(arguments: [("", []), ("\n \n", []), ("{\n", ["--invalid", "skip"])])
    func withoutMessagesTheCommandDoesNotRun(input: String, flags: [String]) async throws {
        try await withNamespace { fixture in
            let result = try await ToolProcess(
                ["produce", "--stream", "products", "--around", "echo ran"] + flags,
                environment: fixture.toolEnvironment, input: .text(input)
            ).result()
            result.expect(.badData)
            #expect(result.output.isEmpty)
            #expect(result.errors.contains("there are no messages, so the command was not run\nhint: "))
            try await fixture.expectAround(delayed: [], queued: [])
        }
    }

    @Test func commandReadsStandardInputUnlessMessagesCameFromIt() async throws {
        try await withNamespace { fixture in
            try await fixture.around("test -z \"$(cat)\"").result().expect(.done)
            let tool = try fixture.tool(
                "produce", "--stream", "products", "--around", "cat", #"{"id":1}"#, input: .text("for the command"))
            let result = try await tool.result()
            result.expect(.done)
            #expect(result.output == "for the command")
        }
    }

    @Test func largeInputWaitsInAFileThatNobodyElseCanSee() async throws {
        try await withNamespace { fixture in
            let directory = try TemporaryDirectory()
            let input = (1...200_000).map { "\($0)\n" }.joined()
            let result = try await fixture.around(
                "ls -A \(directory.path); ls -l /proc/$PPID/fd | grep -c '\(directory.path)/redstream-.*(deleted)'; ls -l /proc/self/fd | grep -c deleted",
                "--ids", "--print-ids", input: input, environment: ["TMPDIR": directory.path]
            ).result()
            // grep found none of ours in the command, which is its failure.
            #expect(result.lines == ["1", "0"])
            #expect(result.exit == .status(1))
            #expect(try await fixture.length(fixture.keys.delayStream("products")) == 200_000)
        }
    }

    @Test func whereTheInputCannotBeKeptNothingRuns() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.around("echo ran", environment: ["TMPDIR": "/dev/null"]).result()
            result.expect(.failed)
            #expect(result.errors.hasPrefix("redstream: cannot make a temporary file in /dev/null: Not a directory"))
            #expect(result.output.isEmpty)
        }
    }
}
