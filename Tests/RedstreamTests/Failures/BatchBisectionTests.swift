import Testing

@testable import Redstream

/// The decision what to try next, run to its end over every batch of up to eight entries.
@Suite struct BatchBisectionTests {
    /// The calls of a handler that fails for some entries.
    struct Run {
        var handled: [Int] = []
        var givenUp: [Int] = []
        var settled: [Int] = []
        /// The number of calls of the handler with each entry.
        var calls: [Int]
        var tries = 0
    }

    /// Plays a batch whose handler fails whenever it is handed one of the bad entries.
    private func play(_ count: Int, bad: Set<Int>, maxAttempts: Int) throws -> Run {
        var bisection = BatchBisection([.init(range: 0..<count)], maxAttempts: maxAttempts)
        var run = Run(calls: Array(repeating: 0, count: count))
        while let step = bisection.next() {
            switch step {
            case .handle(let range, let attempt):
                run.tries += 1
                for entry in range {
                    run.calls[entry] += 1
                    #expect(run.calls[entry] == attempt, "the attempt is true for every entry")
                }
                if bad.contains(where: range.contains) {
                    let again = bisection.failed()
                    #expect(again == (attempt < maxAttempts))
                } else {
                    bisection.settled()
                    run.handled += range
                    run.settled += range
                }
            case .giveUp(let entry, let attempts):
                #expect(attempts == run.calls[entry])
                run.givenUp.append(entry)
                run.settled.append(entry)
                bisection.settled()
            }
            try #require(run.tries < 100)
        }
        #expect(bisection.isDone)
        return run
    }

    @Test func everyBadEntryIsGivenUpAndEveryOtherHandledInOrder() throws {
        for count in 1...8 {
            for pattern in 0..<(1 << count) {
                let bad = Set((0..<count).filter { pattern >> $0 & 1 == 1 })
                for maxAttempts in 1...3 {
                    let run = try play(count, bad: bad, maxAttempts: maxAttempts)
                    #expect(run.givenUp == bad.sorted())
                    #expect(run.handled == (0..<count).filter { !bad.contains($0) })
                    #expect(run.settled == Array(0..<count))
                    for entry in bad { #expect(run.calls[entry] >= maxAttempts) }
                }
            }
        }
    }

    @Test func onePoisonEntryInAThousandCostsItsRetriesAndTenHalvings() throws {
        for entry in [0, 1, 499, 500, 998, 999] {
            let run = try play(1000, bad: [entry], maxAttempts: 3)
            #expect(run.givenUp == [entry])
            // Three times the whole batch, then each of the ten halvings has at most two tries.
            #expect(run.tries <= 3 + 20)
        }
    }

    @Test func withoutABoundTheWholeBatchComesAgainForEver() {
        var bisection = BatchBisection([.init(range: 0..<8)], maxAttempts: nil)
        for attempt in 1...100 {
            #expect(bisection.next() == .handle(0..<8, attempt: attempt))
            let again = bisection.failed()
            #expect(again)
        }
    }

    @Test func aPartThatWasTriedOftenEnoughBeforeIsHalvedAtOnce() {
        var bisection = BatchBisection(
            [.init(range: 0..<4, attempts: 3, hasFailed: true), .init(range: 4..<6)], maxAttempts: 3)
        #expect(bisection.next() == .handle(0..<2, attempt: 4))
        bisection.settled()
        #expect(bisection.next() == .handle(2..<4, attempt: 4))
        bisection.settled()
        #expect(bisection.next() == .handle(4..<6, attempt: 1))
    }

    @Test func anEntryThatWasNeverTriedAloneIsTriedAloneOnce() {
        var bisection = BatchBisection([.init(range: 0..<1, attempts: 7)], maxAttempts: 3)
        #expect(bisection.next() == .handle(0..<1, attempt: 8))
        let again = bisection.failed()
        #expect(!again)
        #expect(bisection.next() == .giveUp(0, attempts: 8))
    }
}

/// The attempts that an earlier process left, and the next step.
@Suite struct StoredAttemptsTests {
    private func messages(_ ids: ClosedRange<Int>) -> [Message] { ids.map { .sample("\($0)-0") } }

    @Test func nothingLeftIsOneFreshPart() {
        #expect(StoredAttempts.empty.parts(of: messages(1...4)) == [.init(range: 0..<4)])
        #expect(StoredAttempts(hash: [], after: .zero) == .empty)
    }

    @Test func countsSpeakForTheEntriesUpToThem() {
        let attempts = StoredAttempts(hash: [("10-0", "2"), ("3-0", "4"), ("alone", "3-0")], after: .zero)
        #expect(
            attempts.parts(of: messages(1...12)) == [
                .init(range: 0..<3, attempts: 4, hasFailed: true), .init(range: 3..<10, attempts: 2, hasFailed: true),
                .init(range: 10..<12),
            ])
        // A smaller batch than the last process read.
        #expect(attempts.parts(of: messages(4...6)) == [.init(range: 0..<3, attempts: 2, hasFailed: true)])
        #expect(attempts.parts(of: messages(11...12)) == [.init(range: 0..<2)])
    }

    @Test func oneEntryHasFailedAloneOnlyIfItWasTheLastOneTriedAlone() {
        let attempts = StoredAttempts(hash: [("1-0", "4"), ("2-0", "3"), ("alone", "1-0")], after: .zero)
        #expect(
            attempts.parts(of: messages(1...2)) == [
                .init(range: 0..<1, attempts: 4, hasFailed: true), .init(range: 1..<2, attempts: 3),
            ])
    }

    @Test func whatIsCommittedOrMakesNoSenseIsPassedOver() {
        let offset = StreamID("9-0") ?? .zero
        let attempts = StoredAttempts(hash: [("9-0", "4"), ("x", "1"), ("10-0", "x"), ("10-1", "1")], after: offset)
        #expect(attempts.counts.map(\.last.description) == ["10-1"])
        // Ids are numbers: 9-0 is before 10-0.
        #expect(StoredAttempts(hash: [("10-0", "1"), ("9-0", "2")], after: .zero).counts.map(\.attempts) == [2, 1])
    }
}
