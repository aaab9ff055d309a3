import Redstream
import RedstreamConnection
import TestSupport
import Testing

@testable import RedstreamCLI

/// The steps that count as done after they had to be tried again.
@Suite(.timeLimit(.minutes(3))) struct RepeatedStepTests {
    /// Tries a step that fails so, and then what the next try is told.
    private func isHeldForDone(after failure: any Error) async throws -> Bool {
        let step = RepeatedStep()
        await #expect(throws: (any Error).self) {
            try await step.attempt { mayBeDone in
                #expect(!mayBeDone)
                throw failure
            }
        }
        return try await step.attempt { $0 }
    }

    @Test(arguments: [
        (RedisError.Kind.connectionLost, true), (.timedOut, true), (.connectFailed, false), (.poolExhausted, false),
        (.slotMoved, false), (.server(code: "LOADING"), false), (.server(code: "OOM"), false),
    ])
    func onlyWhatWasSentAndNotAnsweredMayBeDone(kind: RedisError.Kind, mayBeDone: Bool) async throws {
        let error = RedisError(kind, address: "h:1", reason: "")
        #expect(try await isHeldForDone(after: error) == mayBeDone)
    }

    @Test func whatMayHaveBeenDoneOnceStaysSoThroughOtherFailures() async throws {
        let step = RepeatedStep()
        for kind in [RedisError.Kind.connectionLost, .connectFailed] {
            await #expect(throws: RedisError.self) {
                try await step.attempt { _ in throw RedisError(kind, address: "h:1", reason: "") }
            }
        }
        #expect(try await step.attempt { $0 })
    }

    @Test func replayDoesNotCountALetterRemovedDuringTheRefusal() async throws {
        try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                let name = ConsumerName(stream: "products", name: "indexer")
                try await fixture.add("1", to: fixture.keys.deadLetters(name))
                // A server that is full takes no entry, and lets one go.
                try await fixture.redis("CONFIG", "SET", "maxmemory", "1")
                let tool = try fixture.tool(
                    "dead-letters", "replay", "--stream", "products", "--consumer", "indexer", "--yes")
                try await tool.waitForErrors(containing: "OOM")
                try await fixture.redis("DEL", fixture.keys.deadLetters(name))
                try await fixture.redis("CONFIG", "SET", "maxmemory", "0")
                let result = try await tool.result()
                result.expect(.done)
                #expect(result.output == "replayed 0 messages to products\n")
                #expect(try await fixture.length(fixture.keys.stream("products")) == 0)
            }
        }
    }
}
