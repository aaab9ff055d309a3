import Redstream
import Testing

@testable import Torture

/// The checks of changes under locks fail where they should.
@Suite struct LockTests {
    private let lock = Lock.consumer(Samples.indexer)
    private func locked(_ process: Int, until: UInt64) -> ServerEvent {
        .locked(lock, holder: "f@h:\(process)", until: until)
    }

    @Test func aCommitUnderTheLockIsGood() {
        var history = Samples.history(
            locked(1, until: 6_000), Samples.appended(2), .committed(Samples.indexer, Samples.id(2)),
            .unlocked(lock, released: true), locked(2, until: 6_000))
        history.batches[Samples.indexer] = [Samples.batch([2])]
        #expect(history.broken(.exclusion) == [])
    }

    @Test func aCommitWithoutTheLockBreaksExclusion() {
        let history = Samples.history(.committed(Samples.indexer, .zero))
        #expect(history.broken(.exclusion).count == 1)
    }

    @Test func aCommitAfterTheLeaseBreaksExclusion() {
        let history = Samples.history(locked(1, until: 6_000), .committed(Samples.indexer, .zero), clock: 6_001)
        #expect(history.broken(.exclusion).count == 1)
    }

    @Test func aCommitOfWhatAnotherProcessHandledBreaksExclusion() {
        var history = Samples.history(
            locked(1, until: 6_000), Samples.appended(2), .committed(Samples.indexer, Samples.id(2)))
        history.batches[Samples.indexer] = [Samples.batch([2], by: "b")]
        #expect(history.broken(.exclusion).count == 1)
    }

    @Test func aLockThatIsTakenFromItsHolderBreaksExclusion() {
        let history = Samples.history(locked(1, until: 6_000), locked(2, until: 6_100))
        #expect(history.broken(.exclusion) == ["f@h:2 took the lock of the consumer indexer of s from f@h:1"])
    }

    @Test func aLockThatIsFreeBeforeItsTimeBreaksExclusion() {
        let history = Samples.history(
            locked(1, until: 6_000), .unlocked(lock, released: false), locked(2, until: 10_500))
        #expect(history.broken(.exclusion).count == 1)
        let later = Samples.history(
            locked(1, until: 6_000), .unlocked(lock, released: false), locked(2, until: 11_000))
        #expect(later.broken(.exclusion) == [])
    }

    @Test func aLockThatAStrangerHoldsBreaksExclusion() {
        #expect(Samples.history(locked(7, until: 6_000)).broken(.exclusion).count == 1)
    }

    @Test func aProcessIDThatIsGivenAgainLaterIsNotMistaken() {
        var history = Samples.history(locked(1, until: 6_000), .committed(Samples.indexer, .zero))
        history.processes[0].end = 20_000
        history.processes.append(Samples.process("c", 1, role: "trimmer", start: 30_000))
        #expect(history.broken(.exclusion) == [])
    }

    @Test func aLockThatOutlivesItsHolderBreaksExclusion() {
        var history = Samples.history(locked(1, until: 6_000), .renewed(lock, until: 8_000))
        history.processes[0].end = 2_500
        #expect(history.broken(.exclusion).count == 1)
        history.processes[0].end = 2_950
        #expect(history.broken(.exclusion) == [])
    }

    @Test func anOffsetThatGoesBackwardsIsFound() {
        let history = Samples.history(
            .committed(Samples.indexer, Samples.id(10)), .committed(Samples.indexer, Samples.id(9)))
        #expect(history.broken(.offsets) == ["indexer of s went from 10-0 to 9-0"])
    }

    @Test func aFailoverMayRollAnOffsetBack() {
        var history = Samples.history(.committed(Samples.indexer, Samples.id(10)))
        history.segments.append(Samples.segment([.committed(Samples.indexer, Samples.id(9))]))
        #expect(history.broken(.offsets) == [])
    }

    @Test func aTrimOfWhatIsNotCommittedIsFound() {
        let events: [ServerEvent] = [
            .committed(Samples.indexer, Samples.id(10)), .committed(Samples.cacher, Samples.id(9)),
        ]
        var history = Samples.history()
        history.segments = [Samples.segment(events + [.trimmed(stream: "s", ids: [Samples.id(9)])])]
        #expect(history.broken(.trimming) == [])
        history.segments = [Samples.segment(events + [.trimmed(stream: "s", ids: [Samples.id(9), Samples.id(10)])])]
        #expect(history.broken(.trimming) == ["10-0 left s, where cacher had committed 9-0"])
    }

    @Test func aTrimBeforeAConsumersFirstCommitIsFound() {
        let history = Samples.history(
            .committed(Samples.indexer, Samples.id(10)), .trimmed(stream: "s", ids: [Samples.id(1)]))
        #expect(history.broken(.trimming).count == 1)
    }
}
