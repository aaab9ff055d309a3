import Testing

@testable import Redstream

@Suite(.timeLimit(.minutes(3))) struct DelayPolicyTests {
    private let policy = DelayPolicy(delay: .seconds(5))

    @Test func anEntryIsDueToTheMillisecond() throws {
        let id = StreamID(milliseconds: 1000, sequence: 3)
        #expect(try #require(policy.lastDueID(now: 5999)) < id)
        #expect(try #require(policy.lastDueID(now: 6000)) > id)
        #expect(policy.lastDueID(now: 6000) == StreamID(milliseconds: 1000, sequence: .max))
        #expect(policy.wait(for: id, now: 5999) == .milliseconds(1))
        #expect(policy.wait(for: id, now: 6000) == .zero)
        #expect(policy.wait(for: id, now: 9000) == .zero)
    }

    @Test func beforeTheDelayHasPassedOnceNothingIsDue() {
        #expect(policy.lastDueID(now: 4999) == nil)
        #expect(policy.lastDueID(now: 5000) == StreamID(milliseconds: 0, sequence: .max))
    }

    @Test func withoutADelayEverythingUntilNowIsDue() {
        for delay in [Duration.zero, .seconds(-1)] {
            #expect(DelayPolicy(delay: delay).lastDueID(now: 7) == StreamID(milliseconds: 7, sequence: .max))
        }
    }

    @Test func anIdAtTheEdgeWaitsInsteadOfTrapping() {
        #expect(policy.wait(for: .max, now: 0) > .seconds(86_400 * 365))
        #expect(policy.wait(for: StreamID(milliseconds: .max - 5000), now: 0) > .seconds(86_400 * 365))
    }

    @Test func aPortionFitsTheBoundAndHasOneEntryAtLeast() {
        let messages = (1...5).map { Message.sample("\($0)-0", bytes: 93) }
        #expect(messages[0].byteCount == 100)
        #expect(DelayPolicy.portion(of: messages, atMostBytes: 500).count == 5)
        #expect(DelayPolicy.portion(of: messages, atMostBytes: 499).count == 4)
        #expect(DelayPolicy.portion(of: messages, atMostBytes: 200).map(\.id) == messages[..<2].map(\.id))
        #expect(DelayPolicy.portion(of: messages, atMostBytes: 99).count == 1)
        #expect(DelayPolicy.portion(of: [], atMostBytes: 99).isEmpty)
    }
}
