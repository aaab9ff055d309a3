import TestSupport
import Testing

@testable import RedisClient

/// How long a connection may take in work that is tried again for a limited time.
@Suite struct ConnectBudgetTests {
    @Test func nothingIsBoundedWhereNothingIsTriedAgain() {
        #expect(ConnectBudget(nil) == nil)
        #expect(ConnectBudget(.zero) == nil)
    }

    @Test func aTryTakesNoLongerThanTheLimitButASecondAtLeast() throws {
        #expect(try #require(ConnectBudget(.seconds(2))).timeout(atMost: .seconds(5)) == .seconds(2))
        #expect(try #require(ConnectBudget(.seconds(30))).timeout(atMost: .seconds(5)) == .seconds(5))
        #expect(try #require(ConnectBudget(.milliseconds(10))).timeout(atMost: .seconds(5)) == .seconds(1))
    }

    @Test func whatConnectingInVainHasTakenIsCounted() throws {
        let budget = try #require(ConnectBudget(.seconds(10)))
        let began = ContinuousClock.now - .seconds(7)
        budget.noteConnecting(since: began, wasInVain: true)
        budget.noteConnecting(since: .now, wasInVain: true)
        #expect(budget.timeout(atMost: .seconds(5)) <= .seconds(3))
        #expect(budget.failed() == began)
    }

    @Test func workThatWentWellForLongFailsFromItsFailureOn() throws {
        let budget = try #require(ConnectBudget(.seconds(10)))
        budget.noteConnecting(since: .now - .seconds(100), wasInVain: true)
        budget.noteConnecting(since: .now - .seconds(90), wasInVain: false)
        let now = ContinuousClock.now
        #expect(budget.failed() >= now)
    }

    @Test func aConnectionThatIsOpenedHeedsIt() async throws {
        try await RedisServer.with { server in
            server.pause()
            defer { server.resume() }
            let time = try await fastestTry(under: .seconds(3), of: 3) { _ in
                let start = ContinuousClock.now
                await ConnectBudget.$current.withValue(ConnectBudget(.milliseconds(200))) {
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
