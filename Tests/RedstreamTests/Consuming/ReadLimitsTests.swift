import Testing

@testable import Redstream

@Suite(.timeLimit(.minutes(3))) struct ReadLimitsTests {
    @Test func aCountIsNeverExceeded() {
        let limits = ReadLimits(count: 5)
        #expect(limits.nextCount(batchSize: 3, read: 0) == 3)
        #expect(limits.nextCount(batchSize: 3, read: 3) == 2)
        #expect(limits.nextCount(batchSize: 3, read: 5) == 0)
        #expect(!limits.isReached(read: 4, last: .zero))
        #expect(limits.isReached(read: 5, last: .zero))
        #expect(ReadLimits.none.nextCount(batchSize: 3, read: 1_000_000) == 3)
        #expect(!ReadLimits.none.isReached(read: .max, last: .max))
    }

    @Test func theEndBelongsToIt() {
        let limits = ReadLimits(end: StreamID(milliseconds: 2))
        let messages = ["1-0", "2-0", "2-1"].map { Message.sample($0) }
        #expect(limits.withinEnd(messages).map(\.id.description) == ["1-0", "2-0"])
        #expect(limits.isReached(read: 0, last: StreamID(milliseconds: 2)))
        #expect(!limits.isReached(read: 0, last: StreamID(milliseconds: 1, sequence: 99)))
        #expect(ReadLimits.none.withinEnd(messages).count == 3)
    }

    @Test func waitingEndsOnceNoEntryCanComeBeforeTheEnd() {
        let limits = ReadLimits(end: StreamID(milliseconds: 1000, sequence: .max))
        let limit = Duration.seconds(10)
        #expect(limits.waitingTime(atMost: limit, now: 400) == .milliseconds(601))
        #expect(limits.waitingTime(atMost: limit, now: 1000) == .milliseconds(1))
        #expect(limits.waitingTime(atMost: limit, now: 1001) == nil)
        #expect(ReadLimits(end: .max).waitingTime(atMost: limit, now: 0) == limit)
        #expect(ReadLimits.none.waitingTime(atMost: limit, now: 0) == limit)
    }
}
