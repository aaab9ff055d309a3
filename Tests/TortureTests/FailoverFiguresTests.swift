import Redstream
import RedstreamConnection
import TestSupport
import Testing

@testable import Torture

/// The figures of failovers, from histories made by hand.
@Suite struct FailoverFiguresTests {
    /// A primary "a" that dies at 5,000, and "b", which takes over from it; both have two messages.
    private var failover: History {
        var history = History(cast: Samples.cast)
        let both = [Samples.appended(4_000), Samples.appended(4_500)]
        history.segments = [
            Segment(server: "a", records: Samples.segment(both).records),
            Segment(server: "b", records: Samples.segment(both + [Samples.appended(8_000)]).records),
        ]
        history.produced = [4_000, 4_500, 8_000].map {
            History.Produced(
                stream: "s", isDelayed: false, producer: "p", number: Int($0), payload: "\($0)", id: Samples.id($0))
        }
        let all = [Samples.batch([4_000, 4_500, 8_000])]
        history.batches = [Samples.indexer: all, Samples.cacher: all]
        history.disturbances = [
            .init(kind: .failover, text: "failover afterKill", process: nil, span: Span(3_000, 9_000), isClean: true)
        ]
        history.promotions = [.init(former: "a", successor: "b", start: 5_000, end: 7_000)]
        return history
    }

    private func add(_ milliseconds: UInt64, toServer place: Int, in history: inout History) {
        history.segments[place].records.append(
            ServerRecord(event: Samples.appended(milliseconds), step: 9, clock: milliseconds))
        history.produced.append(
            .init(
                stream: "s", isDelayed: false, producer: "p", number: Int(milliseconds), payload: "\(milliseconds)",
                id: Samples.id(milliseconds)))
    }

    @Test func nothingIsLostThatTheSuccessorHasAndEveryConsumerGot() throws {
        let row = try #require(FailoverFigures.all(in: failover).first)
        #expect(row.acknowledged == 3)
        #expect(row.lost == 0)
        #expect(row.window == nil)
        #expect(row.pauses.first == .init(role: .producer, milliseconds: 3_500))
    }

    @Test func whatOnlyTheFormerPrimaryHadIsLostAlsoWhereItWasHandledBefore() throws {
        var history = failover
        add(4_700, toServer: 0, in: &history)
        add(4_900, toServer: 0, in: &history)
        let handled = [Samples.batch([4_000, 4_500, 4_700, 8_000])]
        history.batches = [Samples.indexer: handled, Samples.cacher: handled]
        let row = try #require(FailoverFigures.all(in: history).first)
        #expect(row.lost == 2)
        #expect(row.lostButHandled == 1)
        // Up to the death of the primary.
        #expect(row.window == 300)
    }

    @Test func aFormerPrimaryThatGoesOnWidensTheWindow() throws {
        var history = failover
        add(4_700, toServer: 0, in: &history)
        add(6_000, toServer: 0, in: &history)
        #expect(try #require(FailoverFigures.all(in: history).first).window == 1_300)
    }

    @Test func whatAConsumerNeverGotIsLost() throws {
        var history = failover
        history.batches[Samples.cacher] = [Samples.batch([4_000, 8_000])]
        #expect(try #require(FailoverFigures.all(in: history).first).lost == 1)
    }

    @Test func restoredKeyIsReadWithoutJudgingItsHistory() async throws {
        try await RedisServer.with { server in
            let base = "torture:redstream"
            let dumps = try await KeyDumps.start()
            defer { dumps.stop() }
            let connection = try await RedisConnection.connect(to: server.configuration)
            defer { connection.close() }
            try await connection.call("XADD", "stream", "7-0", "payload", "m")
            try await connection.call("SET", "lock", "f@h:1")
            var replayer = Replayer(Samples.cast, dumps: dumps)
            for (name, key, time) in [("stream", "stream:s", "0"), ("lock", "lock:consumer:s:indexer", "6000")] {
                let dump = try #require(try await connection.call("DUMP", name).bytes.map(Array.init))
                let text = dump.withUnsafeBytes { KeyDumps.text(of: $0[...]) }
                replayer.carryOut(["RESTORE", "\(base):\(key)", time, text, "ABSTTL"])
            }
            let lock = Lock.consumer(Samples.indexer)
            #expect(
                replayer.records.map(\.event) == [
                    .imported, Samples.entry(7, "m"), .imported, .unlocked(lock, released: true),
                    .locked(lock, holder: "f@h:1", until: 6_000),
                ])
            #expect(replayer.records.allSatisfy { $0.step == 0 })
            // What is trimmed here is known although it was not appended here.
            replayer.carryOut(["XTRIM", "\(base):stream:s", "MINID", "8-0"])
            #expect(replayer.records.last?.event == .trimmed(stream: "s", ids: [Samples.id(7)]))
        }
    }
}

extension Samples {
    fileprivate static func entry(_ milliseconds: UInt64, _ payload: String) -> ServerEvent {
        .appended(stream: "s", id: id(milliseconds), payload: payload)
    }
}
