import Redstream
import RedstreamConnection
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct StreamEntriesTests {
    @Test func rangesAndReadsGiveTheSameEntries() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.stream("s")
            let binary: [UInt8] = [0, 255, 13, 10]
            try await fixture.redis("XADD", key, "1-1", "a", "1", "a", "2")
            try await fixture.redis("XADD", key, "2-0", "", "")
            try await fixture.redis("XADD", key, "3-0", binary, binary, "b", "x")
            let range = StreamEntries(range: try await fixture.redis("XRANGE", key, "-", "+"))
            let read = StreamEntries(read: try await fixture.redis("XREAD", "STREAMS", key, "0"))
            for entries in [range, read] {
                #expect(entries.map { String(decoding: $0.id, as: UTF8.self) } == ["1-1", "2-0", "3-0"])
                #expect(entries.map(\.fieldElementCount) == [4, 2, 4])
                #expect(
                    (0..<4).map { String(decoding: entries[0].fieldElement($0), as: UTF8.self) } == [
                        "a", "1", "a", "2",
                    ])
                #expect(entries[1].fieldElement(0).isEmpty)
                #expect(Array(entries[2].fieldElement(0)) == binary)
                #expect(Array(entries[2].fieldElement(1)) == binary)
            }
            let reverse = StreamEntries(
                range: try await fixture.redis("XREVRANGE", key, "+", "-", "COUNT", 1))
            #expect(reverse.map { String(decoding: $0.id, as: UTF8.self) } == ["3-0"])
        }
    }

    @Test func nothingIsEmpty() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.stream("s")
            let range = try await fixture.redis("XRANGE", key, "-", "+")
            let read = try await fixture.redis("XREAD", "STREAMS", key, "0")
            let status = try await fixture.redis("PING")
            #expect(StreamEntries(range: range).isEmpty)
            #expect(StreamEntries(read: read).isEmpty)
            #expect(StreamEntries(range: status).isEmpty)
            #expect(StreamEntries(read: status).isEmpty)
        }
    }
}
