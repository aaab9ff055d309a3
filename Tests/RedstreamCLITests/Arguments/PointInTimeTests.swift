import Redstream
import Testing

@testable import RedstreamCLI

/// Reading points in time, and their meaning as the ends of a range.
struct PointInTimeTests {
    private let now: UInt64 = 1_795_428_000_250

    /// A zone that is one hour ahead of UTC, in which one time never comes.
    private func point(_ text: String) throws(OptionTextError) -> PointInTime {
        try PointInTime(text) { fields in
            fields.year == 2026 && fields.month == 3 && fields.day == 29 && fields.hour == 2
                ? nil : fields.secondsInUTC - 3600
        }
    }

    @Test(
        arguments: [
            ("2026-11-23T10:00:00Z", 1_795_428_000_000), ("2026-11-23t10:00:00z", 1_795_428_000_000),
            ("2026-11-23 10:00:00Z", 1_795_428_000_000), ("2026-11-23T10:00Z", 1_795_428_000_000),
            ("2026-11-23T12:00:00+02:00", 1_795_428_000_000), ("2026-11-23T12:00:00+0200", 1_795_428_000_000),
            ("2026-11-23T12:00:00+02", 1_795_428_000_000), ("2026-11-23T04:30:00-05:30", 1_795_428_000_000),
            ("2026-11-23T10:00:00.25Z", 1_795_428_000_250), ("2026-11-23T10:00:00,2509Z", 1_795_428_000_250),
            ("2026-11-23T10:00:00.001Z", 1_795_428_000_001), ("2026-11-23T11:00:00", 1_795_428_000_000),
            ("2026-11-23T11:00:00.5", 1_795_428_000_500), ("2026-11-23 11:00", 1_795_428_000_000),
            ("2026-11-23", 1_795_388_400_000), ("1970-01-01T00:00:00Z", 0), ("1970-01-01T01:00", 0),
            ("2024-02-29T23:59:59Z", 1_709_251_199_000), ("2000-03-01T00:00:00Z", 951_868_800_000),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ] as [(String, UInt64)])
    func readsDatesAndTimes(text: String, milliseconds: UInt64) throws {
        let point = try point(text)
        #expect(point == .milliseconds(milliseconds))
        #expect(point.startID(now: now) == StreamID(milliseconds: milliseconds, sequence: 0))
        #expect(point.endID(now: now) == StreamID(milliseconds: milliseconds, sequence: .max))
    }

    @Test(arguments: [
        "2026-02-29", "2026-00-01", "2026-13-01", "2026-04-31", "2026-01-00", "1900-02-29T00:00:00Z",
        "2026-11-23T", "2026-11-23T10", "2026-11-23T24:00:00Z", "2026-11-23T10:60:00Z",
        "2026-11-23T10:00:60Z",
        "2026-11-23T10:00:00.Z", "2026-11-23T10:00:00+1", "2026-11-23T10:00:00+24:00",
        "2026-11-23T10:00:00ZZ",
        "2026-11-23T10:00:00+01:00x", "2026-11-23x", "2026-11-23 ", "2026-11-2", "2026-11-23T1:00:00",
        "2026-11-23T10:00:00 Z", "1969-12-31T23:59:59Z", "1970-01-01", "2026-03-29T02:30:00", "2026-1-1",
        "2026/11/23", "23.11.2026", "20261123T100000Z",
    ])
    func refusesTimesThatNeverAreAndOtherForms(text: String) {
        #expect(throws: OptionTextError.self) { try point(text) }
    }

    @Test func asksForAZoneWhereLocalClocksSkipTheTime() {
        #expect(throws: OptionTextError("local clocks skip this time: add a zone, such as Z or +01:00")) {
            try point("2026-03-29T02:30:00")
        }
    }

    @Test func takesAnIDAsItIsForBothEnds() throws {
        for id in [StreamID(milliseconds: 1_732_350_000_000, sequence: 5), .zero, .max] {
            let point = try point(id.description)
            #expect(point.startID(now: now) == id)
            #expect(point.endID(now: now) == id)
        }
    }

    @Test func completesAnIDWithoutSequenceByTheEndItBounds() throws {
        let point = try point("1732350000000")
        #expect(point.startID(now: now) == StreamID("1732350000000-0"))
        #expect(point.endID(now: now) == StreamID("1732350000000-18446744073709551615"))
    }

    @Test func countsDurationsBackFromTheClockOfTheServer() throws {
        #expect(try point("5m").startID(now: now) == StreamID(milliseconds: now - 300_000, sequence: 0))
        #expect(try point("PT5M").endID(now: now) == StreamID(milliseconds: now - 300_000, sequence: .max))
        #expect(try point("250ms").startID(now: now) == StreamID(milliseconds: now - 250, sequence: 0))
        #expect(try point("0s").startID(now: now) == StreamID(milliseconds: now, sequence: 0))
        #expect(try point("1d 3h").startID(now: now) == StreamID(milliseconds: now - 97_200_000, sequence: 0))
    }

    @Test func startsAtZeroForDurationsThatReachBehind1970() throws {
        #expect(try point("100000d").startID(now: now) == .zero)
        #expect(try point("5m").startID(now: 0) == .zero)
        #expect(PointInTime.ago(.seconds(Int64.max)).endID(now: .max).milliseconds == 0)
    }

    @Test(arguments: [
        ("5", "it has no unit: write 5s or 5m for a time ago, 5-0 for an id"),
        (
            "1732350000",
            "it has no unit: write 1732350000s or 1732350000m for a time ago, 1732350000-0 for an id"
        ),
        ("99999999999999999999", "it is larger than any entry id"),
        ("2026-11", "it could be a month or an id: write the day, 2026-11-01, or the id as 02026-11"),
        ("-5m", "it is negative: a duration starts at 0s"),
        ("5x", Self.unknown), ("yesterday", Self.unknown), ("", Self.unknown), ("$", Self.unknown),
        ("1-2-3", Self.unknown), ("18446744073709551616-0", Self.unknown), ("5M", Self.unknownUnit),
    ])
    func saysWhatToWriteInstead(text: String, reason: String) {
        #expect(throws: OptionTextError(reason)) { try point(text) }
    }

    private static let unknown =
        "it is neither a time (2026-11-23T10:00:00Z), nor an entry id (1732350000000-0), nor a duration ago (5m)"
    private static let unknownUnit = "it has an unknown unit: the units are ms, s, m, h, d and w"

    @Test func readsAnIDThatLooksLikeAMonthWithAZeroBefore() throws {
        #expect(try point("02026-11") == .entry(StreamID(milliseconds: 2026, sequence: 11)))
        #expect(try point("2026-0") == .entry(StreamID(milliseconds: 2026, sequence: 0)))
    }

    @Test(
        arguments: [
            ("earliest", .earliest), ("latest", .latest), ("committed:indexer", .committed("indexer")),
            ("committed:a:b c", .committed("a:b c")), ("committed: ", .committed(" ")),
            ("5-1", .point(.entry(StreamID(milliseconds: 5, sequence: 1)))),
            ("5m", .point(.ago(.seconds(300)))),
            ("PT5M", .point(.ago(.seconds(300)))),
            ("2026-11-23T10:00:00Z", .point(.milliseconds(1_795_428_000_000))),
        ] as [(String, PositionText)])
    func readsPositions(text: String, position: PositionText) throws {
        #expect(try PositionText(text) == position)
    }

    @Test(arguments: [
        "", "committed:", "committed", "Earliest", "beginning", "5", "-5m", "$", "+", "2026-11",
    ])
    func refusesOtherPositions(text: String) {
        #expect(throws: OptionTextError.self) { try PositionText(text) }
    }
}
