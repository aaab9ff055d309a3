import Redstream
import TestSupport
import Testing

@testable import Torture

/// From what servers and handlers leave to a history.
@Suite struct RecordingTests {
    private func events(_ lines: String...) -> [ServerEvent] {
        var replayer = Replayer(Samples.cast)
        for line in lines { replayer.carryOut(line.split(separator: " ").map(String.init)) }
        return replayer.records.map(\.event)
    }

    private let base = "torture:redstream"

    @Test func readsTheCommandsOfAFileAndLeavesOutWhatIsCutOff() throws {
        var text = "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n#TS:1795598556\r\n*1\r\n$5\r\nMULTI\r\n*3\r\n$3\r\nSET\r\n$1\r\nk"
        var commands: [[String]] = []
        try text.withUTF8 { try AppendOnlyFile.read(UnsafeRawBufferPointer($0)) { commands.append($0) } }
        #expect(commands == [["SELECT", "0"], ["MULTI"]])
        var rdb = "REDIS0011"
        #expect(throws: AppendOnlyFile.Damage.self) {
            try rdb.withUTF8 { try AppendOnlyFile.read(UnsafeRawBufferPointer($0)) { _ in } }
        }
    }

    @Test func whatARewrittenFileBeginsWithEndsAtItsSecondSELECT() {
        func ends(_ lines: String...) -> [Bool] {
            var part = RestatedPart()
            return lines.map { part.ends(before: $0.split(separator: " ").map(String.init)) }
        }
        #expect(ends("SELECT 0", "SET k v", "SELECT 0", "SET k w", "SELECT 0") == [false, false, true, false, false])
        #expect(ends("SELECT 0", "MULTI", "SET k v", "EXEC", "SELECT 0") == [false, false, false, false, false])
    }

    @Test func followsALockThroughItsLife() {
        let lock = Lock.consumer(Samples.indexer)
        let key = "\(base):lock:consumer:s:indexer"
        let expected: [ServerEvent] = [
            .locked(lock, holder: "f@h:1", until: 6_000), .renewed(lock, until: 7_000),
            .unlocked(lock, released: false),
        ]
        #expect(
            events("SET \(key) f@h:1 PXAT 6000", "PEXPIREAT \(key) 7000", "DEL \(key)") == expected)
        // As Redis 6.2 may write it.
        #expect(events("SET \(key) f@h:1", "PEXPIREAT \(key) 6000", "PEXPIREAT \(key) 7000", "DEL \(key)") == expected)
        #expect(
            events("DEL \(key) \(key).notify", "RPUSH \(key).notify 1", "PEXPIREAT \(key).notify 62000")
                == [.unlocked(lock, released: true), .notified(lock, at: 2_000)])
    }

    @Test func tellsWhatATrimRemoves() {
        let key = "\(base):stream:s"
        let entries = (1...4).map { "XADD \(key) \($0)-0 payload \($0)" }
        func gone(_ command: String) -> [ServerEvent] {
            var replayer = Replayer(Samples.cast)
            for line in entries + [command] { replayer.carryOut(line.split(separator: " ").map(String.init)) }
            return replayer.records.map(\.event).filter { if case .trimmed = $0 { true } else { false } }
        }
        func trimmed(_ ids: ClosedRange<UInt64>) -> [ServerEvent] { [.trimmed(stream: "s", ids: ids.map(Samples.id))] }
        #expect(gone("XTRIM \(key) MINID 3-0") == trimmed(1...2))
        #expect(gone("XTRIM \(key) MINID = 3-0 LIMIT 100") == trimmed(1...2))
        #expect(gone("XTRIM \(key) MAXLEN 1") == trimmed(1...3))
        #expect(gone("XDEL \(key) 1-0") == trimmed(1...1))
        #expect(gone("XDEL \(key) 3-0") == trimmed(3...3))
        #expect(gone("XTRIM \(key) MINID 1-0") == [])
    }

    @Test func commandsBetweenMultiAndExecAreOneStep() {
        var replayer = Replayer(Samples.cast)
        for line in [
            "XADD \(base):stream:s.delay 1-0 payload m", "MULTI", "XADD \(base):stream:s 2-0 payload m",
            "XTRIM \(base):stream:s.delay MINID 1-1", "EXEC", "SET \(base):offset:s:indexer 2-0",
        ] {
            replayer.carryOut(line.split(separator: " ").map(String.init))
        }
        let steps = replayer.records.map(\.step)
        #expect(steps.count == 4)
        #expect(steps[0] < steps[1] && steps[1] == steps[2] && steps[2] < steps[3])
        #expect(replayer.records[2].event == .moved(stream: "s", ids: [Samples.id(1)], payloads: ["m"]))
        #expect(replayer.records[3].event == .committed(Samples.indexer, Samples.id(2)))
    }

    @Test func readsTheRecordsThatAHandlerGets() {
        let entry = History.Entry(record: #"{"id":"12-3","stream":"s","payload":{"p":"a","n":1}}"#)
        #expect(entry?.id == StreamID("12-3"))
        #expect(entry?.payload == #"{"p":"a","n":1}"#)
        #expect(History.Entry(record: "half a li") == nil)
    }

    @Test func theSameSeedGivesTheSameFaults() {
        func rounds(_ seed: UInt64) -> [Plan.Round] {
            Array(Plan(seed: seed, roles: Samples.cast.roles, kinds: Fault.Kind.allCases).prefix(20))
        }
        #expect(rounds(42) == rounds(42))
        #expect(rounds(42) != rounds(43))
        // Whole storms, as many as it takes to deal every kind once.
        let storms = rounds(42).filter { !$0.isClean }
        let count = (Fault.Kind.allCases.count + 3) / storms[0].steps.count
        #expect(Set(storms.prefix(count).flatMap(\.steps).map(\.fault.kind)) == Set(Fault.Kind.allCases))
    }
}
