import Testing

@testable import Redstream

@Suite(.timeLimit(.minutes(3))) struct VerdictTests {
    private let five = StreamID(milliseconds: 5)

    @Test func theFirstThatHoldsIsSaid() {
        // Everything at once: each verdict hides those after it.
        var facts = Verdict.Facts(
            streamExists: false, offset: StreamID(milliseconds: 9), lastGeneratedID: five,
            lastRemovedID: StreamID(milliseconds: 10), isHeld: true, hasLag: true, behind: .seconds(61),
            stoodStill: true)
        #expect(verdict(facts) == .orphan)
        facts.streamExists = true
        #expect(verdict(facts) == .ahead)
        facts.offset = five
        #expect(verdict(facts) == .gap)
        facts.lastRemovedID = five
        #expect(verdict(facts) == .stalled)
        facts.isHeld = false
        #expect(verdict(facts) == .stopped)
        facts.hasLag = false
        #expect(verdict(facts) == .idle)
        facts.isHeld = true
        #expect(verdict(facts) == .active)
    }

    @Test func stalledNeedsTwoLooksAndAnOldEntry() {
        let facts = Verdict.Facts(
            offset: .zero, lastGeneratedID: five, isHeld: true, hasLag: true, behind: .seconds(61),
            stoodStill: true)
        #expect(verdict(facts) == .stalled)
        var other = facts
        other.stoodStill = nil
        #expect(verdict(other) == .active)
        other.stoodStill = false
        #expect(verdict(other) == .active)
        other = facts
        other.behind = .seconds(60)
        #expect(verdict(other) == .active)
        other.behind = nil
        #expect(verdict(other) == .active)
    }

    private func verdict(_ facts: Verdict.Facts) -> Verdict {
        Verdict(facts, stalledAfter: .seconds(60))
    }
}
