import Testing

@testable import Redstream

@Suite struct LockAssignmentTests {
    @Test func wantsEverythingUntilItHoldsAsManyAsItMay() {
        var plan = LockAssignment(count: 4, maximumActive: 2)
        #expect(plan.wanted == [0, 1, 2, 3])
        #expect(plan.room == 2)
        plan.note(.held, at: 1)
        #expect(plan.wanted == [0, 2, 3])
        plan.note(.held, at: 3)
        #expect(plan.room == 0)
        #expect(plan.wanted == [])
    }

    @Test func wantsAgainWhatItLost() {
        var plan = LockAssignment(count: 2, maximumActive: 1)
        plan.note(.held, at: 0)
        plan.note(.wanted, at: 0)
        #expect(plan.wanted == [0, 1])
    }

    @Test func goesOnToTheNextWhereOneIsFinished() {
        var plan = LockAssignment(count: 2, maximumActive: 1)
        plan.note(.held, at: 0)
        plan.note(.finished, at: 0)
        #expect(plan.wanted == [1])
        plan.note(.passedOver(holder: "other"), at: 1)
        #expect(plan.wanted == [])
        #expect(plan.firstPassedOver?.holder == "other")
    }

    @Test func withoutABoundItHoldsEverything() {
        var plan = LockAssignment(count: 2, maximumActive: nil)
        plan.add()
        for index in 0..<3 { plan.note(.held, at: index) }
        #expect(plan.heldCount == 3)
        #expect(plan.wanted == [])
    }

    @Test func saysHowLargeItsShareIs() {
        var plan = LockAssignment(count: 2, maximumActive: 1)
        #expect(plan.shareText() == "0 of 2 shards, and stands by for the others")
        #expect(plan.shareText(standsBy: false) == "0 of 2 shards, and passes over the others")
        plan.note(.held, at: 0)
        #expect(plan.shareText() == "1 of 2 shards, as many as it may")
    }

    @Test func waitsUntilTheFirstOfTheLocksWouldRunOut() {
        let snapshots = [(0, 4000), (1, 1500), (2, 5000)].map { LockSnapshot(index: $0.0, holder: "other", life: $0.1) }
        #expect(LockSnapshot.waitingTime(snapshots) == .milliseconds(1500))
        // Never 0, which BRPOP takes for ever; and -1 is a lock that lives for ever.
        #expect(LockSnapshot.waitingTime([LockSnapshot(index: 0, holder: "other", life: 0)]) == .milliseconds(10))
        #expect(LockSnapshot.waitingTime([LockSnapshot(index: 0, holder: "other", life: -1)]) == .seconds(5))
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
