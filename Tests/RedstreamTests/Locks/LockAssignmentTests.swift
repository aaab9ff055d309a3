import Testing

@testable import Redstream

@Suite struct LockAssignmentTests {
    /// An assignment of locks that are all wanted.
    private func assignment(of count: Int, maximumActive: Int?) -> LockAssignment {
        var plan = LockAssignment(maximumActive: maximumActive)
        for _ in 0..<count { _ = plan.add(at: 0) }
        return plan
    }

    @Test func wantsEverythingUntilItHoldsAsManyAsItMay() {
        var plan = assignment(of: 4, maximumActive: 2)
        #expect(plan.wanted(at: 0) == [0, 1, 2, 3])
        #expect(plan.room == 2)
        plan.note(.held, at: 1)
        #expect(plan.wanted(at: 0) == [0, 2, 3])
        plan.note(.held, at: 3)
        #expect(plan.room == 0)
        #expect(plan.wanted(at: 0) == [])
    }

    @Test func wantsAgainWhatItLost() {
        var plan = assignment(of: 2, maximumActive: 1)
        plan.note(.held, at: 0)
        plan.note(.wanted, at: 0)
        #expect(plan.wanted(at: 0) == [0, 1])
    }

    @Test func goesOnToTheNextWhereOneIsFinished() {
        var plan = assignment(of: 2, maximumActive: 1)
        plan.note(.held, at: 0)
        plan.note(.finished, at: 0)
        #expect(plan.wanted(at: 0) == [1])
        plan.note(.passedOver(holder: "other"), at: 1)
        #expect(plan.wanted(at: 0) == [])
        #expect(plan.firstPassedOver?.holder == "other")
    }

    @Test func withoutABoundItHoldsEverything() {
        var plan = assignment(of: 2, maximumActive: nil)
        _ = plan.add(at: 0)
        for index in 0..<3 { plan.note(.held, at: index) }
        #expect(plan.heldCount == 3)
        #expect(plan.wanted(at: 0) == [])
    }

    @Test func forgetsALockThatIsGone() {
        var plan = assignment(of: 2, maximumActive: nil)
        plan.remove(0)
        #expect(plan.wanted(at: 0) == [1])
        // What is found out about it later is no news.
        plan.note(.held, at: 0)
        #expect(plan.heldCount == 0)
        #expect(plan.room == 1)
        #expect(plan.add(at: 0) == 2)
    }

    @Test func wantsTheLocksOfASlotUntilAllAreHeld() {
        var plan = LockAssignment(maximumActive: nil)
        for slot in [7, 9, 7] { _ = plan.add(at: slot) }
        #expect(plan.wanted(at: 7) == [0, 2])
        plan.note(.held, at: 0)
        plan.note(.held, at: 2)
        #expect(!plan.wants(at: 7))
        #expect(plan.wants(at: 9))
        #expect(!plan.wantsNothing)
    }

    @Test func costOfALockDoesNotGrowWithTheirNumber() {
        func time(for count: Int) -> Duration {
            var plan = assignment(of: count, maximumActive: count)
            var taken = 0
            return ContinuousClock().measure {
                for index in 0..<count {
                    plan.note(.held, at: index)
                    if plan.room > 0, !plan.wantsNothing, plan.wants(at: 0) { taken += 1 }
                }
                for index in 0..<count {
                    plan.note(.wanted, at: index)
                    if plan.room > 0, plan.wants(at: 0) { taken += 1 }
                }
            }
        }
        // Twice as many take twice as long; four times as long if each lock costs a look at all.
        #expect((0..<5).contains { _ in time(for: 4_000) < time(for: 2_000) * 3 })
    }

    @Test func saysHowLargeItsShareIs() {
        var plan = assignment(of: 2, maximumActive: 1)
        #expect(plan.shareText() == "0 of 2 shards, and stands by for the others")
        #expect(plan.shareText(standsBy: false) == "0 of 2 shards, and passes over the others")
        plan.note(.held, at: 0)
        #expect(plan.shareText() == "1 of 2 shards, as many as it may")
    }

    @Test func waitsUntilTheFirstOfTheLocksWouldRunOut() {
        #expect(LockSnapshot.waitingTime(lives: [4000, 1500, 5000]) == .milliseconds(1500))
        // Never 0, which BRPOP takes for ever; and -1 is a lock that lives for ever.
        #expect(LockSnapshot.waitingTime(lives: [0]) == .milliseconds(10))
        #expect(LockSnapshot.waitingTime(lives: [-1]) == .seconds(5))
    }

    @Test func whatIsTakenAndNotHandledIsGivenBack() {
        let allowance = ReadAllowance(10)
        let (left, right) = (ReadShare(of: allowance), ReadShare(of: allowance))
        #expect(left.take(6) == 6)
        #expect(right.take(6) == 4)
        #expect(left.isExhausted)
        left.settle(at: 2)
        #expect(right.left == 4)
        #expect(right.take(6) == 4)
        left.settle(at: 2)
        #expect(right.left == 0)
    }

    @Test func aSearchIsAtRestWhenNothingIsToBeHadWhereAnybodyAnswers() {
        var search = AcquisitionProgress()
        #expect(!search.isUnderWay)
        let begun = [1, 2, 1].map { search.begins(at: $0) }
        #expect(begun == [true, true, false])
        search.note(.waits, at: 1)
        #expect(!search.isAtRest)
        search.note(.isAway, at: 2)
        #expect(search.isAtRest)
        search.note(.isBusy, at: 1)
        #expect(!search.isAtRest)
        search.ended(at: 1)
        // Nobody has answered of those that are left.
        #expect(!search.isAtRest)
        search.ended(at: 2)
        search.note(.waits, at: 2)
        #expect(!search.isUnderWay)
    }
}
