import Redstream
import RedstreamConnection
import Synchronization
import TestSupport
import Testing

@testable import RedstreamCLI

/// The steps that count as done after they had to be tried again.
@Suite(.timeLimit(.minutes(3))) struct RepeatedStepTests {
    /// Tries a step that fails so, one time after the other, and then what the next try is told.
    private func isHeldForDone(after failures: [RedisError]) async throws -> Bool {
        let rest = Mutex(failures[...])
        let step = repeatable { mayBeDone in
            if let failure = rest.withLock({ $0.popFirst() }) { throw failure }
            return mayBeDone
        }
        for _ in failures { await #expect(throws: RedisError.self) { _ = try await step() } }
        return try await step()
    }

    @Test(arguments: [
        (RedisError.Kind.connectionLost, true), (.timedOut, true), (.connectFailed, false), (.poolExhausted, false),
        (.slotMoved, false), (.server(code: "LOADING"), false), (.server(code: "OOM"), false),
    ])
    func onlyWhatWasSentAndNotAnsweredMayBeDone(kind: RedisError.Kind, mayBeDone: Bool) async throws {
        let error = RedisError(kind, address: "h:1", reason: "")
        #expect(try await isHeldForDone(after: [error]) == mayBeDone)
    }

    @Test func whatMayHaveBeenDoneOnceStaysSoThroughOtherFailures() async throws {
        let kinds = [RedisError.Kind.connectionLost, .connectFailed]
        #expect(try await isHeldForDone(after: kinds.map { RedisError($0, address: "h:1", reason: "") }))
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
