import TestSupport
import Testing

@testable import RedstreamConnection

/// The time of a connection in work that is tried again for a limited time.
@Suite struct ConnectTimeLimitTests {
    @Test func nothingIsBoundedWhereNothingIsTriedAgain() {
        #expect(ConnectTimeLimit(nil) == nil)
        #expect(ConnectTimeLimit(.zero) == nil)
    }

    @Test func aTryTakesNoLongerThanTheLimitButASecondAtLeast() throws {
        #expect(try #require(ConnectTimeLimit(.seconds(2))).timeout(atMost: .seconds(5)) == .seconds(2))
        #expect(try #require(ConnectTimeLimit(.seconds(30))).timeout(atMost: .seconds(5)) == .seconds(5))
        #expect(try #require(ConnectTimeLimit(.milliseconds(10))).timeout(atMost: .seconds(5)) == .seconds(1))
    }

    @Test func whatConnectingInVainHasTakenIsCounted() throws {
        let budget = try #require(ConnectTimeLimit(.seconds(10)))
        let began = ContinuousClock.now - .seconds(7)
        budget.noteConnecting(since: began, hasFailed: true)
        budget.noteConnecting(since: .now, hasFailed: true)
        #expect(budget.timeout(atMost: .seconds(5)) <= .seconds(3))
        #expect(budget.failed() == began)
    }

    @Test func workThatWentWellForLongFailsFromItsFailureOn() throws {
        let budget = try #require(ConnectTimeLimit(.seconds(10)))
        budget.noteConnecting(since: .now - .seconds(100), hasFailed: true)
        budget.noteConnecting(since: .now - .seconds(90), hasFailed: false)
        let now = ContinuousClock.now
        #expect(budget.failed() >= now)
    }

    @Test func aConnectionThatIsOpenedHeedsIt() async throws {
        try await RedisServer.with { server in
            server.pause()
            defer { server.resume() }
            let time = try await fastestTry(under: .seconds(3), of: 3) { _ in
                let start = ContinuousClock.now
                await ConnectTimeLimit.$current.withValue(ConnectTimeLimit(.milliseconds(200))) {
                    await #expect(throws: RedisError.self) {
                        _ = try await RedisConnection.connect(to: server.configuration)
                    }
                }
                return start.duration(to: .now)
            }
            #expect(time < .seconds(3))
        }
    }
}
