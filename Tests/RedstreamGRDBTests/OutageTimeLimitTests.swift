import Testing

@testable import RedstreamGRDB

@Suite struct OutageTimeLimitTests {
    private let start = ContinuousClock.now

    @Test func aTryAfterASuccessHasAllOfItsTime() {
        var limit = OutageTimeLimit()
        #expect(limit.time(.seconds(1), now: start) == (.seconds(1), true))
        limit.failed(wasLong: true, now: start)
        limit.succeeded()
        #expect(limit.time(.seconds(1), now: start) == (.seconds(1), true))
    }

    @Test func triesAfterAFailureAreShort() {
        var limit = OutageTimeLimit()
        limit.failed(wasLong: true, now: start)
        #expect(limit.time(.seconds(1), now: start) == (.milliseconds(200), false))
        limit.failed(wasLong: false, now: start.advanced(by: .seconds(4)))
        #expect(limit.time(.seconds(1), now: start.advanced(by: .seconds(4))) == (.milliseconds(200), false))
    }

    @Test func oneTryInAWhileIsLong() {
        var limit = OutageTimeLimit()
        limit.failed(wasLong: true, now: start)
        let later = start.advanced(by: .seconds(5))
        #expect(limit.time(.seconds(1), now: later) == (.seconds(1), true))
        limit.failed(wasLong: true, now: later)
        #expect(limit.time(.seconds(1), now: later) == (.milliseconds(200), false))
    }
}
