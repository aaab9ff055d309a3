import Foundation
import RedisClient
import Redstream
import TestSupport
import Testing

@testable import RedstreamCLI

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// `produce --around`: delay messages, a command, then the same messages in the stream.
@Suite struct AroundTests {
    private static let payloads = [#"{"id":1}"#, #"{"id":2}"#]
    private static let lines = payloads.map { $0 + "\n" }.joined()

    private func around(
        _ fixture: Fixture, _ command: String, _ flags: String..., input: String = AroundTests.lines,
        environment: [String: String] = [:]
    ) throws -> ToolProcess {
        try ToolProcess(
            ["produce", "--stream", "products", "--around", command] + flags,
            environment: fixture.toolEnvironment.merging(environment) { $1 }, input: .text(input))
    }

    /// What exists: in the delay stream, and in the stream.
    private func expect(
        delayed: [String], queued: [String], _ fixture: Fixture, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        #expect(try await fixture.payloads("products.delay") == delayed, sourceLocation: sourceLocation)
        #expect(try await fixture.payloads("products") == queued, sourceLocation: sourceLocation)
    }

    @Test func theCommandRunsBetweenTheDelayMessagesAndTheSameInTheStream() async throws {
        try await withNamespace { fixture in
            let tool = try fixture.shell(
                """
                printf '{"id":1}\\n{"id":2}\\n' | "$REDSTREAM" produce --stream products --around '
                    "$REDSTREAM" consume --stream products.delay --exit-at-end -o payload
                    "$REDSTREAM" consume --stream products --exit-at-end -o payload; echo changed'
                """)
            let result = try await tool.result()
            result.expect(.done)
            #expect(result.lines == Self.payloads + ["changed"])
            #expect(result.errors.contains("produced 2 messages to products, last id "))
            try await expect(delayed: Self.payloads, queued: Self.payloads, fixture)
        }
    }

    @Test(arguments: [("exit 7", Int32(7)), ("kill -TERM $$", 143), ("kill -KILL $$", 137), ("/nonexistent/x", 127)])
    func aCommandThatFailsKeepsItsStatusAndNothingIsQueued(command: String, status: Int32) async throws {
        try await withNamespace { fixture in
            let result = try await around(fixture, command).result()
            #expect(result.exit == .status(status))
            #expect(result.errors.contains("nothing is queued\nhint: redstream delay queues its 2 delay messages"))
            try await expect(delayed: Self.payloads, queued: [], fixture)
        }
    }

    // A process that is killed, at each moment.

    @Test func killedWhileItTakesTheInputItHasWrittenNothing() async throws {
        try await withNamespace { fixture in
            let tool = try fixture.tool("produce", "--stream", "products", "--around", "touch x", input: .pipe)
            tool.write(#"{"id":1}"# + "\n{")
            // A megabyte in a pipe of 64 KiB: it was read, or the write would not end.
            tool.write(String(repeating: " ", count: 1 << 20))
            try await eventually("it has read") { Self.readCount(tool) > 1 << 20 }
            tool.signal(SIGKILL)
            #expect(try await tool.result().exit == .signal(SIGKILL))
            try await expect(delayed: [], queued: [], fixture)
        }
    }

    /// The bytes that a process has read, of any descriptor.
    private static func readCount(_ tool: ToolProcess) -> Int {
        let text = (try? String(contentsOfFile: "/proc/\(tool.processID)/io", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("rchar: ") }
        return line.flatMap { Int($0.dropFirst("rchar: ".count)) } ?? .max
    }

    @Test func killedWhileTheCommandRunsItHasWrittenTheDelayMessages() async throws {
        try await withNamespace { fixture in
            let result = try await around(fixture, "kill -KILL $PPID").result()
            #expect(result.exit == .signal(SIGKILL))
            try await expect(delayed: Self.payloads, queued: [], fixture)
        }
    }

    @Test func killedAfterTheCommandSucceededAndBeforeItQueuesItHasWrittenTheDelayMessages() async throws {
        try await withNamespace { fixture in
            let directory = try TemporaryDirectory()
            // It stands still before it can learn of the command's end.
            let tool = try around(fixture, "touch \(directory.path)/changed; kill -STOP $PPID")
            try await eventually("the change is made") { access("\(directory.path)/changed", F_OK) == 0 }
            try await eventually("the tool stands still") { Self.state(tool) == "T" }
            tool.signal(SIGKILL)
            #expect(try await tool.result().exit == .signal(SIGKILL))
            try await expect(delayed: Self.payloads, queued: [], fixture)
        }
    }

    private static func state(_ tool: ToolProcess) -> Character? {
        let text = (try? String(contentsOfFile: "/proc/\(tool.processID)/stat", encoding: .utf8)) ?? ""
        return text.split(separator: " ").dropFirst(2).first?.first
    }

    // The input.

    @Test func theSetIsTakenOnceBeforeTheCommandChangesWhereItCameFrom() async throws {
        try await withNamespace { fixture in
            let directory = try TemporaryDirectory()
            let file = "\(directory.path)/ids"
            try "1\n2\n".write(toFile: file, atomically: false, encoding: .utf8)
            let tool = try fixture.tool(
                "produce", "--stream", "products", "--ids", "--file", file, "--around", "echo 3 > \(file)")
            try await tool.result().expect(.done)
            try await expect(delayed: Self.payloads, queued: Self.payloads, fixture)
        }
    }

    @Test func whereALineIsBadNothingIsWrittenAndNothingRuns() async throws {
        try await withNamespace { fixture in
            let result = try await around(fixture, "echo ran", input: Self.lines + "{\n").result()
            result.expect(.badData)
            #expect(result.output.isEmpty)
            #expect(result.errors.hasPrefix("redstream: line 3 is refused: the text ends too early"))
            #expect(result.errors.contains("nothing was written, and the command did not run"))
            try await expect(delayed: [], queued: [], fixture)
        }
    }

    @Test func badLinesThatAreSkippedAreNamedOnceAndTheRestGoes() async throws {
        try await withNamespace { fixture in
            let result = try await around(
                fixture, "true", "--invalid", "skip", "-o", "json", input: "{\n\(Self.lines)[\n"
            ).result()
            result.expect(.done)
            #expect(result.errors.count(of: "is refused") == 2)
            #expect(result.errors.contains(#""skipped":2,"delayed":2,"command_status":0}"#))
            try await expect(delayed: Self.payloads, queued: Self.payloads, fixture)
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
            try await expect(delayed: [], queued: [], fixture)
        }
    }

    @Test func theCommandReadsNothingWhereTheMessagesCameFromStandardInputAndOursOtherwise() async throws {
        try await withNamespace { fixture in
            try await around(fixture, "test -z \"$(cat)\"").result().expect(.done)
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
            let result = try await around(
                fixture,
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
            let result = try await around(fixture, "echo ran", environment: ["TMPDIR": "/dev/null"]).result()
            result.expect(.failed)
            #expect(result.errors.hasPrefix("redstream: cannot keep the input in /dev/null: Not a directory"))
            #expect(result.output.isEmpty)
        }
    }

    // Signals.

    @Test func aTerminationIsPassedOnAndTheCommandsEndIsOurs() async throws {
        try await withNamespace { fixture in
            let tool = try around(fixture, "trap 'exit 9' TERM; echo runs; while :; do sleep 0.01; done")
            #expect(try await tool.nextLine() == "runs")
            tool.signal(SIGTERM)
            #expect(try await tool.result().exit == .status(9))
            try await expect(delayed: Self.payloads, queued: [], fixture)
        }
    }

    @Test func aCommandThatSucceedsInSpiteOfAnInterruptIsFollowed() async throws {
        try await withNamespace { fixture in
            // As a terminal does it: both get the signal.
            let result = try await around(fixture, "trap '' INT; kill -INT $PPID; kill -INT $PPID; kill -INT $PPID")
                .result()
            result.expect(.done)
            try await expect(delayed: Self.payloads, queued: Self.payloads, fixture)
        }
    }

    @Test func anInterruptThatEndsTheCommandEndsUsWithItsStatus() async throws {
        try await withNamespace { fixture in
            let result = try await around(fixture, "kill -INT $PPID; kill -INT $$").result()
            #expect(result.exit == .status(130))
            try await expect(delayed: Self.payloads, queued: [], fixture)
        }
    }

    @Test func aSignalBeforeTheCommandRunsKeepsItFromRunning() async throws {
        try await withNamespace { fixture in
            let tool = try fixture.tool("produce", "--stream", "products", "--around", "echo ran", input: .pipe)
            tool.write(String(repeating: Self.lines, count: 1 << 16))
            try await eventually("it has read") { Self.readCount(tool) > 1 << 20 }
            tool.signal(SIGTERM)
            let result = try await tool.result()
            result.expect(.terminated)
            #expect(result.output.isEmpty)
            #expect(result.errors.contains("the command did not run"))
            try await expect(delayed: [], queued: [], fixture)
        }
    }

    // The server.

    @Test func aServerThatIsGoneAfterTheCommandLeavesItToTheDelayMessages() async throws {
        try await RedisServer.with(.init(isDurable: true)) { server in
            try await withNamespace(on: server) { fixture in
                let directory = try TemporaryDirectory()
                let tool = try around(
                    fixture, "echo runs; while [ ! -e \(directory.path)/go ]; do sleep 0.01; done", "--retry-for",
                    "200ms"
                )
                #expect(try await tool.nextLine() == "runs")
                await server.kill()
                #expect(creat("\(directory.path)/go", 0o600) >= 0)
                let result = try await tool.result()
                result.expect(.unreachable)
                #expect(
                    result.errors.contains(
                        "the command succeeded, but 2 messages are not queued: their delay messages repair that"))
                try await server.restart()
                try await expect(delayed: Self.payloads, queued: [], fixture)
            }
        }
    }

    @Test func aServerThatIsAwayAtTheStartKeepsTheCommandFromRunning() async throws {
        let result = try await ToolProcess.runWithoutServer(
            ["produce", "--stream", "s", "--retry-for", "0ms", "--around", "echo ran", "1"])
        result.expect(.unreachable)
        #expect(result.output.isEmpty)
    }

    @Test func replicasAreWaitedForBeforeTheCommandRuns() async throws {
        try await withNamespace { fixture in
            let result = try await around(fixture, "echo ran", "--wait-replicas", "1", "--wait-timeout", "10ms")
                .result()
            result.expect(.failed)
            #expect(result.output.isEmpty)
            try await expect(delayed: Self.payloads, queued: [], fixture)
        }
    }

    // With other options.

    @Test func shardsGetTheirDelayMessagesAndTheirMessages() async throws {
        try await withNamespace { fixture in
            let result = try await around(fixture, "true", "--shards", "4", "-o", "json").result()
            result.expect(.done)
            #expect(result.output.isEmpty)
            #expect(result.errors.hasPrefix(#"{"stream":"products","produced":2,"#))
            #expect(try await fixture.payloads("products-2.delay") == [Self.payloads[0]])
            #expect(try await fixture.payloads("products-3.delay") == [Self.payloads[1]])
            #expect(try await fixture.payloads("products-2") == [Self.payloads[0]])
            #expect(try await fixture.payloads("products-3") == [Self.payloads[1]])
        }
    }

    @Test func theIDsPrintedAreThoseOfTheStream() async throws {
        try await withNamespace { fixture in
            let result = try await around(fixture, "echo changed", "--print-ids").result()
            result.expect(.done)
            #expect(try await result.lines == ["changed"] + fixture.ids())
        }
    }

    @Test(arguments: [["--delayed"], ["--records", "--keep-ids"]])
    func optionsThatContradictAreUsage(flags: [String]) async throws {
        let result = try await ToolProcess.runWithoutServer(["produce", "--stream", "s", "--around", "true"] + flags)
        result.expect(.usage)
        #expect(result.errors.contains("--around"))
    }
}
