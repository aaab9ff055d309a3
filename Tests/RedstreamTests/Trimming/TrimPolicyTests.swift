import Testing

@testable import Redstream

@Suite(.timeLimit(.minutes(3))) struct TrimPolicyTests {
    private let nine = StreamID(milliseconds: 1000, sequence: 9)
    private let ten = StreamID(milliseconds: 1000, sequence: 10)

    @Test func anExpiryKeepsWhatIsYounger() {
        let policy = TrimPolicy(expiry: .seconds(10))
        #expect(policy.firstKept(now: 60_000, offsets: nil) == StreamID(milliseconds: 50_000))
        #expect(policy.firstKept(now: 9000, offsets: nil) == .zero)
    }

    @Test func theSlowestConsumerDecides() {
        let policy = TrimPolicy(consumers: .found)
        #expect(policy.firstKept(now: 60_000, offsets: [ten, nine]) == ten)
        #expect(policy.firstKept(now: 60_000, offsets: [ten]) == StreamID(milliseconds: 1000, sequence: 11))
    }

    @Test func aConsumerThatHasReadNothingKeepsEverything() {
        let policy = TrimPolicy(expiry: .seconds(1), consumers: .found)
        #expect(policy.firstKept(now: 60_000, offsets: [ten, .zero]) == .zero)
        #expect(policy.firstKept(now: 60_000, offsets: []) == .zero)
    }

    @Test func bothTogetherTakeOnlyWhatIsOlderAndCommitted() {
        let policy = TrimPolicy(expiry: .seconds(1), consumers: .found)
        #expect(policy.firstKept(now: 60_000, offsets: [nine]) == ten)
        #expect(policy.firstKept(now: 1500, offsets: [nine]) == StreamID(milliseconds: 500))
    }

    @Test func anOffsetAtTheHighestIdKeepsEverythingRatherThanNothing() {
        #expect(TrimPolicy(consumers: .found).firstKept(now: 1, offsets: [.max]) == .zero)
    }
}
