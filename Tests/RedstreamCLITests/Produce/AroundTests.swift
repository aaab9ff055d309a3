import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// `produce --around`: delay messages, a command, then the same messages in the stream.
@Suite struct AroundTests {
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
            #expect(result.lines == Around.payloads + ["changed"])
            #expect(result.errors.contains("produced 2 messages to products, last id "))
            try await fixture.expectAround(delayed: Around.payloads, queued: Around.payloads)
        }
    }

    @Test(arguments: [("exit 7", Int32(7)), ("kill -TERM $$", 143), ("kill -KILL $$", 137), ("/nonexistent/x", 127)])
    func aCommandThatFailsKeepsItsStatusAndNothingIsQueued(command: String, status: Int32) async throws {
        try await withNamespace { fixture in
            let result = try await fixture.around(command).result()
            #expect(result.exit == .status(status))
            #expect(result.errors.contains("nothing is queued\nhint: redstream delay queues its 2 delay messages"))
            try await fixture.expectAround(delayed: Around.payloads, queued: [])
        }
    }

    // The server.

    @Test func aServerThatIsGoneAfterTheCommandLeavesItToTheDelayMessages() async throws {
        try await RedisServer.with(.init(isDurable: true)) { server in
            try await withNamespace(on: server) { fixture in
                let directory = try TemporaryDirectory()
                let tool = try fixture.around(
                    "echo runs; while [ ! -e \(directory.path)/go ]; do sleep 0.01; done", "--retry-for",
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
                try await fixture.expectAround(delayed: Around.payloads, queued: [])
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
            let result = try await fixture.around("echo ran", "--wait-replicas", "1", "--wait-timeout", "10ms")
                .result()
            result.expect(.failed)
            #expect(result.output.isEmpty)
            try await fixture.expectAround(delayed: Around.payloads, queued: [])
        }
    }

    // With other options.

    @Test func shardsGetTheirDelayMessagesAndTheirMessages() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.around("true", "--shards", "4", "-o", "json").result()
            result.expect(.done)
            #expect(result.output.isEmpty)
            #expect(result.errors.hasPrefix(#"{"stream":"products","produced":2,"#))
            #expect(try await fixture.payloads("products-2.delay") == [Around.payloads[0]])
            #expect(try await fixture.payloads("products-3.delay") == [Around.payloads[1]])
            #expect(try await fixture.payloads("products-2") == [Around.payloads[0]])
            #expect(try await fixture.payloads("products-3") == [Around.payloads[1]])
        }
    }

    @Test func theIDsPrintedAreThoseOfTheStream() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.around("echo changed", "--print-ids").result()
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
