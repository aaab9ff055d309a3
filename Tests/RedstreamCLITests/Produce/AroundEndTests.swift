import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// The end of `produce --around`: killed at each moment, or by a signal.
@Suite struct AroundEndTests {
    // A process that is killed, at each moment.

    @Test func killedWhileItTakesTheInputItHasWrittenNothing() async throws {
        try await withNamespace { fixture in
            let tool = try fixture.tool("produce", "--stream", "products", "--around", "touch x", input: .pipe)
            tool.write(#"{"id":1}"# + "\n{")
            // A megabyte in a pipe of 64 KiB: it was read, or the write would not end.
            tool.write(String(repeating: " ", count: 1 << 20))
            try await eventually("it has read") { tool.readCount > 1 << 20 }
            tool.signal(SIGKILL)
            #expect(try await tool.result().exit == .signal(SIGKILL))
            try await fixture.expectAround(delayed: [], queued: [])
        }
    }

    @Test func killedWhileTheCommandRunsItHasWrittenTheDelayMessages() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.around("kill -KILL $PPID").result()
            #expect(result.exit == .signal(SIGKILL))
            try await fixture.expectAround(delayed: Around.payloads, queued: [])
        }
    }

    @Test func killBeforeQueueingKeepsTheDelayMessages() async throws {
        try await withNamespace { fixture in
            let directory = try TemporaryDirectory()
            // It stands still before it can learn of the command's end.
            let tool = try fixture.around("touch \(directory.path)/changed; kill -STOP $PPID")
            try await eventually("the change is made") { access("\(directory.path)/changed", F_OK) == 0 }
            try await eventually("the tool stands still") { tool.state == "T" }
            tool.signal(SIGKILL)
            #expect(try await tool.result().exit == .signal(SIGKILL))
            try await fixture.expectAround(delayed: Around.payloads, queued: [])
        }
    }

    // Signals.

    @Test(arguments: [("TERM", SIGTERM), ("HUP", SIGHUP)] as [(String, Int32)])
    func terminationIsPassedOnAndItsStatusKept(name: String, signal: Int32) async throws {
        try await withNamespace { fixture in
            let tool = try fixture.around("trap 'exit 9' \(name); echo runs; while :; do sleep 0.01; done")
            #expect(try await tool.nextLine() == "runs")
            tool.signal(signal)
            #expect(try await tool.result().exit == .status(9))
            try await fixture.expectAround(delayed: Around.payloads, queued: [])
        }
    }

    @Test func aCommandThatSucceedsInSpiteOfAnInterruptIsFollowed() async throws {
        try await withNamespace { fixture in
            // As a terminal does it: both get the signal.
            let result = try await fixture.around("trap '' INT; kill -INT $PPID; kill -INT $PPID; kill -INT $PPID")
                .result()
            result.expect(.done)
            try await fixture.expectAround(delayed: Around.payloads, queued: Around.payloads)
        }
    }

    @Test func aSignalAfterTheCommandDoesNotEndTheQueueing() async throws {
        try await withNamespace { fixture in
            let (running, signalled) = (Recorder<ToolProcess>(), Recorder<Bool>())
            let key = fixture.keys.stream("products")
            let proxy = try RedisProxy(fixture.server) { traffic in
                guard case .commands(let text) = traffic, text.contains("\(key)\r\n"), signalled.note(true) == 1,
                    let tool = running.values.first
                else { return .pass }
                // It waits for the server meanwhile: what it reads is what its handler of signals has written.
                let count = tool.readCount
                tool.signal(SIGTERM)
                while tool.readCount == count { sched_yield() }
                return .pass
            }
            guard case .unix(let path) = proxy.configuration.address else { return }
            let input = (1...200_000).map { "\($0)\n" }.joined()
            let tool = try fixture.around(
                "true", "--ids", input: input, environment: ["REDSTREAM_URL": "unix://\(path)"])
            running.note(tool)
            let result = try await tool.result()
            result.expect(.done)
            #expect(result.errors.contains("produced 200,000 messages"))
            #expect(try await fixture.length(key) == 200_000)
        }
    }

    @Test func aReaderOfIDsThatHasGoneDoesNotEndTheQueueing() async throws {
        try await withNamespace { fixture in
            let tool = try fixture.shell(
                "seq 200000 | \"$REDSTREAM\" produce --stream products --ids --around true --print-ids | head -1")
            let result = try await tool.result()
            result.expect(.done)
            #expect(result.lines.count == 1)
            #expect(try await fixture.length(fixture.keys.stream("products")) == 200_000)
        }
    }

    @Test func anInterruptThatEndsTheCommandEndsUsWithItsStatus() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.around("kill -INT $PPID; kill -INT $$").result()
            #expect(result.exit == .status(130))
            try await fixture.expectAround(delayed: Around.payloads, queued: [])
        }
    }

    @Test func aSignalBeforeTheCommandRunsKeepsItFromRunning() async throws {
        try await withNamespace { fixture in
            let tool = try fixture.tool("produce", "--stream", "products", "--around", "echo ran", input: .pipe)
            tool.write(String(repeating: Around.lines, count: 1 << 16))
            try await eventually("it has read") { tool.readCount > 1 << 20 }
            tool.signal(SIGTERM)
            let result = try await tool.result()
            result.expect(.terminated)
            #expect(result.output.isEmpty)
            #expect(result.errors.contains("the command did not run"))
            try await fixture.expectAround(delayed: [], queued: [])
        }
    }
}
