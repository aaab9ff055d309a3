import ArgumentParser
import Redstream
import Testing

@testable import RedstreamCLI

/// Reading and writing durations.
struct DurationTextTests {
    @Test(
        arguments: [
            ("500ms", .milliseconds(500)), ("30s", .seconds(30)), ("5m", .seconds(300)),
            ("1h30m", .seconds(5400)),
            ("1d", .seconds(86400)), ("1w", .seconds(604_800)), ("0s", .zero), ("1d 3h", .seconds(97200)),
            ("1.5s", .milliseconds(1500)), ("0.5ms", .microseconds(500)), ("0.000000001s", .nanoseconds(1)),
            ("1,5h", .seconds(5400)), ("007s", .seconds(7)), ("30m1h", .seconds(5400)),
            ("90m", .seconds(5400)),
            ("2w3d4h5m6s7ms", .milliseconds(1_483_506_007)), ("100000d", DurationText.longest),
            ("0.999999999w", .nanoseconds(604_799_999_395_200)),
            ("PT5M", .seconds(300)), ("P1DT2H", .seconds(93600)), ("P1W", .seconds(604_800)),
            ("PT0.5S", .milliseconds(500)), ("P1W1DT1H1M1,25S", .milliseconds(694_861_250)), ("PT0S", .zero),
        ] as [(String, Duration)])
    func readsNumbersWithUnits(text: String, duration: Duration) throws {
        #expect(try DurationText(text).duration == duration)
    }

    @Test(arguments: [
        ("5", "it has no unit: write 5s, 5m or 5h"), ("0", "it has no unit: write 0s, 0m or 0h"),
        ("1.5", "it has no unit: write 1.5s, 1.5m or 1.5h"), ("1h30", "it has no unit after the last number"),
        ("", "it is empty: write a duration such as 30s or 5m"),
        ("-5m", "it is negative: a duration starts at 0s"),
        ("5x", "it has an unknown unit: the units are ms, s, m, h, d and w"),
        ("5M", "it has an unknown unit: the units are ms, s, m, h, d and w"),
        ("5min", "it has an unknown unit: the units are ms, s, m, h, d and w"),
        ("5µs", "it has an unknown unit: the units are ms, s, m, h, d and w"),
        ("1h2h", "it has the same unit twice"), ("PT1M1M", "it has the same unit twice"),
        ("1.s", "it has no digits after the point"),
        ("1.0000000001s", "it has more than nine digits after the point"),
        ("100001d", "it is too long: a duration is at most 100000d"),
        ("100000d1ms", "it is too long: a duration is at most 100000d"),
        ("9223372036854775807w", "it is too long: a duration is at most 100000d"),
        ("99999999999999999999s", "it is too long: a duration is at most 100000d"),
        ("P1Y", "years and months have no fixed length: write days, and minutes after a T"),
        ("P5M", "years and months have no fixed length: write days, and minutes after a T"),
        ("P", "it has no number: write a duration such as PT5M or P1DT2H"),
        ("P1DT", "it ends after T: write a duration such as PT5M"),
        ("PT1M1H", "its units are out of order: ISO 8601 has them from weeks down to seconds"),
        ("PT5", "it is no ISO 8601 duration: write one such as PT5M or P1DT2H"),
        ("P5S", "it is no ISO 8601 duration: write one such as PT5M or P1DT2H"),
    ])
    func saysWhatIsWrongWithOthers(text: String, reason: String) {
        #expect(throws: OptionTextError(reason)) { try DurationText(text) }
    }

    @Test(arguments: [
        "s", "five minutes", "1h,30m", "h1", "+5m", " 5m", "5m ", "5 m", "1h  2m", "1e3s", "٥s", "P-1D",
        "PTT5M",
        "p1d", "0x5s", "\u{0}", "5m\n", "P1DT2HT3M", "½h",
    ])
    func refusesWhatIsNoDuration(text: String) {
        #expect(throws: OptionTextError.self) { try DurationText(text) }
    }

    @Test(
        arguments: [
            (.zero, "0s"), (.milliseconds(850), "850ms"), (.microseconds(1500), "1ms"),
            (.microseconds(450), "0.4ms"),
            (.microseconds(10), "0ms"), (.milliseconds(1000), "1s"), (.milliseconds(1500), "1.5s"),
            (.milliseconds(59_990), "59.9s"), (.seconds(60), "1m"), (.seconds(252), "4m12s"),
            (.milliseconds(3_599_999), "59m59s"), (.seconds(3600), "1h"), (.seconds(11_100), "3h5m"),
            (.seconds(86399), "23h59m"), (.seconds(86400), "1d"), (.seconds(97200), "1d 3h"),
            (.seconds(1_209_600), "14d"), (.seconds(-252), "-4m12s"), (.milliseconds(-850), "-850ms"),
        ] as [(Duration, String)])
    func writesTheTwoLeadingUnits(duration: Duration, text: String) {
        #expect(duration.shortText == text)
        #expect("\(DurationText(duration: duration))" == text)
    }

    @Test func readsWhatItWrites() throws {
        for seconds in stride(from: 0, to: 400_000, by: 61) {
            let text = Duration.seconds(seconds).shortText
            #expect(try DurationText(text).duration.shortText == text)
        }
    }

    private struct Command: ParsableCommand {
        @Option(transform: DurationText.init(_:)) var delay = DurationText(duration: .milliseconds(1500))
    }

    @Test func keepsItsSentenceBehindTheFlag() throws {
        let error = #expect(throws: (any Error).self) { try Command.parse(["--delay", "5"]) }
        let message = try Command.message(for: #require(error))
        #expect(
            message == "The value '5' is invalid for '--delay <delay>': it has no unit: write 5s, 5m or 5h")
    }

    @Test func isTakenByAnOption() throws {
        #expect(try Command.parse(["--delay", "PT5M"]).delay == DurationText(duration: .seconds(300)))
    }
}
