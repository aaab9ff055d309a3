import Redstream
import Testing

@testable import Torture

/// Delay messages, takeovers and the ends of processes: the checks fail where they should.
@Suite struct TimeTests {
    private let lock = Lock.delayer(of: "s")

    /// A move of one message that was 1 s old, or as old as it says.
    private func move(to target: UInt64, payload: String = "m", inOneStep: Bool = true) -> History {
        var history = Samples.history()
        let events: [ServerEvent] = [
            .delayed(stream: "s", id: Samples.id(1_000), payload: "m"),
            .appended(stream: "s", id: Samples.id(target), payload: payload),
            .moved(stream: "s", ids: [Samples.id(1_000)], payloads: ["m"]),
        ]
        let steps = inOneStep ? [1, 2, 2] : [1, 2, 3]
        history.segments = [
            Segment(
                server: "server",
                records: zip(events, steps).map { ServerRecord(event: $0, step: $1, clock: target) })
        ]
        return history
    }

    @Test func aMoveInItsTimeIsGood() {
        let history = move(to: 3_000)
        #expect(history.broken(.moving) == [])
        #expect(history.broken(.punctuality) == [])
    }

    @Test func whatLeavesADelayStreamMustStandInItsStream() {
        #expect(move(to: 3_000, payload: "another").broken(.moving).count == 1)
        #expect(move(to: 3_000, inOneStep: false).broken(.moving).count == 1)
    }

    @Test func aMoveBeforeItsTimeIsFound() {
        #expect(move(to: 2_999).broken(.moving) == ["1000-0 moved 1 ms before its time"])
    }

    @Test func aLateMoveIsFoundUnlessSomethingWasDisturbed() {
        var history = move(to: 3_101)
        #expect(history.broken(.punctuality).count == 1)
        history.standstills.note(Span(3_050, 3_060), lost: 1, by: .sleeper)
        #expect(history.broken(.punctuality) == [])
        // A machine that is busy all the time says nothing.
        history = move(to: 3_900)
        history.standstills.note(Span(2_500, 4_400), lost: 100, by: .cores)
        #expect(history.broken(.punctuality).count == 1)
        history.standstills.note(Span(2_500, 4_400), lost: 400, by: .server)
        #expect(history.broken(.punctuality) == [])
        history = move(to: 3_101)
        history.standstills = Standstills()
        history.disturbances = [disturbance(.kill, of: "consumer-s-indexer.0.1", Span(0, 9_000))]
        #expect(history.broken(.punctuality).count == 1)
        history.disturbances = [disturbance(.kill, of: "delayer.0.1", Span(0, 9_000))]
        #expect(history.broken(.punctuality) == [])
    }

    private func disturbance(_ kind: Fault.Kind, of process: String?, _ span: Span) -> History.Disturbance {
        .init(kind: kind, text: kind.rawValue, process: process, span: span, isClean: true)
    }

    /// The lock changes from process a to process b, after a release at 2000 or after the lease until 6000.
    private func takeover(at time: UInt64, afterRelease: Bool) -> History {
        var history = Samples.history(.locked(lock, holder: "f@h:1", until: 6_000))
        var events: [ServerEvent] = [
            .locked(lock, holder: "f@h:1", until: 6_000), .unlocked(lock, released: afterRelease),
        ]
        if afterRelease { events.append(.notified(lock, at: 2_000)) }
        events.append(.locked(lock, holder: "f@h:2", until: time + 5_000))
        history.segments = [Samples.segment(events)]
        let signal = History.Signal(isKill: !afterRelease, time: 1_900)
        history.processes = [
            Samples.process(
                "a", 1, role: "delayer", end: 2_010, exit: afterRelease ? .status(0) : .signal(9), signals: [signal]),
            Samples.process("b", 2, role: "delayer"),
        ]
        history.disturbances = [disturbance(afterRelease ? .terminate : .kill, of: "a", Span(1_900, 9_000))]
        return history
    }

    @Test func aTakeoverWithin100MillisecondsOfAReleaseIsGood() {
        #expect(takeover(at: 2_100, afterRelease: true).broken(.takeover) == [])
        #expect(takeover(at: 2_101, afterRelease: true).broken(.takeover).count == 1)
    }

    @Test func aTakeoverAfterAKillComesWithTheEndOfTheLease() {
        let history = takeover(at: 6_100, afterRelease: false)
        #expect(history.broken(.takeover) == [])
        #expect(Figures(history).longestTakeoverAfterKill == 4_200)
        #expect(takeover(at: 6_101, afterRelease: false).broken(.takeover).count == 1)
    }

    @Test func aTakeoverIsNotJudgedWhereFaultsOverlap() {
        var history = takeover(at: 6_500, afterRelease: false)
        history.disturbances = [
            .init(kind: .kill, text: "kill", process: "a", span: Span(1_900, 9_000), isClean: false)
        ]
        #expect(history.broken(.takeover) == [])
        #expect(Figures(history).longestTakeoverInStorm == 4_600)
    }

    @Test func theWitnessThatSaysMostTellsHowLongTheMachineStoodStill() {
        var standstills = Standstills()
        #expect(standstills.lost(within: Span(0, 100)) == 0)
        for start: UInt64 in [10, 20, 30] { standstills.note(Span(start, start + 5), lost: 4, by: .cores) }
        standstills.note(Span(22, 40), lost: 18, by: .server)
        #expect(standstills.lost(within: Span(0, 9)) == 0)
        #expect(standstills.lost(within: Span(15, 20)) == 8)
        #expect(standstills.lost(within: Span(0, 100)) == 18)
        #expect(standstills.lost(within: Span(36, 37)) == 18)
        #expect(standstills.lost(within: Span(41, 100)) == 0)
    }

    @Test func aProcessMustNotEndByItself() {
        var history = Samples.history()
        history.processes = [Samples.process("a", 1, exit: .status(1), signals: [])]
        #expect(history.broken(.conduct) == ["a ended by itself: status(1)"])
        history.processes = [Samples.process("a", 1, exit: .status(0), signals: [])]
        #expect(history.broken(.conduct).count == 1)
    }

    @Test func aGracefulStopEndsWithSuccessAndInTime() {
        var history = Samples.history()
        let stop = [History.Signal(isKill: false, time: 1_000)]
        history.processes = [Samples.process("a", 1, end: 12_000, signals: stop)]
        #expect(history.broken(.conduct) == [])
        history.processes = [Samples.process("a", 1, end: 12_001, signals: stop)]
        #expect(history.broken(.conduct) == ["a took 11001 ms to stop"])
        history.processes = [Samples.process("a", 1, end: 1_010, exit: .status(1), signals: stop)]
        #expect(history.broken(.conduct).count == 1)
    }

    @Test func aProcessThatRunsOnAfterAllIsFound() {
        var history = Samples.history()
        history.processes[0].exit = nil
        #expect(history.broken(.conduct) == ["a never ended"])
    }
}
