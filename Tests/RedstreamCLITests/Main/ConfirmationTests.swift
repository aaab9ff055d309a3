import Redstream
import RedstreamConnection
import Testing

@testable import RedstreamCLI

/// The look before a question: a server that is away for a moment is no consent.
@Suite struct ConfirmationTests {
    private func look(_ error: any Error) async throws -> Int? {
        try await Confirmation.look { throw error }
    }

    @Test func errorThatPassesIsThrown() async {
        for cause in [RedisError.Cause.closedByServer, .closedWhileIdle] {
            await #expect(throws: RedisError.self) {
                try await look(RedisError(.connectionLost, address: "h:1", cause: cause))
            }
        }
        await #expect(throws: RedisError.self) { try await look(RedisError(server: "LOADING", address: "h:1")) }
        await #expect(throws: CancellationError.self) { try await look(CancellationError()) }
    }

    @Test func errorThatTheCommandMeetsTooIsLeftToIt() async throws {
        #expect(try await look(RedstreamError.leaseLost) == nil)
        #expect(try await look(Failure(.usage, "wrong")) == nil)
        #expect(try await look(RedisError(server: "WRONGTYPE Operation", address: "h:1")) == nil)
        #expect(try await Confirmation.look { 1 } == 1)
    }
}
