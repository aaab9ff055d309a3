import Testing

@testable import Redstream
@testable import RedstreamCLI

/// The values of a report, without a server.
@Suite struct StatusValueTests {
    private func row(
        lag: EntryCount?, behind: Duration?, stream: String = "s", verdict: Verdict = .stopped
    ) -> ConsumerStatus {
        ConsumerStatus(
            consumer: ConsumerName(stream: stream, name: "c"), committed: nil, lastID: nil, lag: lag,
            behind: behind,
            holder: nil, lease: nil, verdict: verdict)
    }

    private func report(_ rows: ConsumerStatus...) -> StatusReport {
        StatusReport(time: 0, streams: [], consumers: rows, ambiguous: [:])
    }

    @Test(arguments: [
        (5, false, 5, false), (6, false, 5, true), (5, true, 5, true), (0, false, 0, false),
        (1, false, 0, true),
    ])
    func aLagIsOverALimitWhenItIsMore(lag: Int, isBounded: Bool, limit: Int, isBreach: Bool) {
        let check = LagCheck(maxLag: limit, maxBehind: nil)
        let breaches = check.breaches(
            in: report(row(lag: EntryCount(lag, isBounded: isBounded), behind: .seconds(9))))
        #expect(breaches.isEmpty == !isBreach)
    }

    @Test func whatIsUnknownIsNoBreach() {
        #expect(
            LagCheck(maxLag: 0, maxBehind: .zero).breaches(in: report(row(lag: nil, behind: nil))).isEmpty)
    }

    @Test func eachBreachHasALine() {
        let check = LagCheck(maxLag: 1, maxBehind: .seconds(60))
        let rows = report(
            row(lag: EntryCount(2), behind: .seconds(61)), row(lag: EntryCount(1), behind: .seconds(60)),
            row(lag: EntryCount(3, isBounded: true), behind: .zero, stream: "t"))
        #expect(
            check.breaches(in: rows) == [
                "s, c: lag 2 is over 1", "s, c: 1m1s behind is over 1m", "t, c: lag 3+ is over 1",
            ])
    }

    @Test func metricsEscapeLabelsAndLeaveOutTheUnknown() {
        let text = StatusMetrics(namespace: nil).text(
            of: report(row(lag: nil, behind: .milliseconds(1500), stream: "a\"b\\c\nd")))
        #expect(!text.contains("consumer_lag{"))
        #expect(!text.contains("# HELP redstream_consumer_lag"))
        #expect(text.contains(#"redstream_consumer_behind_seconds{stream="a\"b\\c\nd",consumer="c"} 1.5"#))
        #expect(text.contains(#"redstream_consumer_held{stream="a\"b\\c\nd",consumer="c"} 0"#))
    }

    @Test(arguments: Verdict.allCases)
    func exactlyTheVerdictThatHoldsIsOne(verdict: Verdict) {
        let text = StatusMetrics(namespace: nil).text(of: report(row(lag: nil, behind: nil, verdict: verdict)))
        let ones = text.split(separator: "\n").filter {
            $0.hasPrefix("redstream_consumer_verdict") && $0.hasSuffix(" 1")
        }
        #expect(
            ones == [#"redstream_consumer_verdict{stream="s",consumer="c",verdict="\#(verdict.rawValue)"} 1"#]
        )
    }

    @Test(arguments: InspectFormat.allCases)
    func aTerminalIsNotCommandedByNames(format: InspectFormat) {
        let text = StatusText(
            report(row(lag: nil, behind: nil, stream: "a\u{1b}[2J\u{9b}b")), namespace: nil, isForTerminal: true,
            isColored: false
        ).text(format)
        #expect(text.contains("[2J"))
        #expect(!text.unicodeScalars.contains { $0 == "\u{1b}" || $0 == "\u{9b}" })
    }

    @Test func whoHoldsAStreamIsNewsOnce() {
        let held = HeldStreams()
        var report = TrimReport(stream: "s", skipped: .lockHeld(by: "a"))
        #expect(held.isNews(report))
        #expect(!held.isNews(report))
        report.skipped = .lockHeld(by: "b")
        #expect(held.isNews(report))
        report.skipped = nil
        #expect(!held.isNews(report))
        report.skipped = .lockHeld(by: "b")
        #expect(held.isNews(report))
    }

    @Test func whoHoldsATrimmerBackIsNewsOnceAndAgainWhenItHasBegun() {
        let held = HeldStreams()
        var report = TrimReport(stream: "s")
        report.heldBack = .init(consumer: "a", offset: nil)
        #expect(held.isNews(report))
        #expect(!held.isNews(report))
        report.heldBack = .init(consumer: "a", offset: .zero)
        #expect(held.isNews(report))
        report.heldBack = .init(consumer: "b", offset: StreamID(milliseconds: 5))
        #expect(held.isNews(report))
        report.heldBack = .init(consumer: "b", offset: StreamID(milliseconds: 6))
        #expect(!held.isNews(report))
    }

    @Test func whyAStreamWasNotTrimmedIsSaid() {
        var held = TrimReport(stream: "s")
        held.skipped = .lockHeld(by: "f00@host:1")
        #expect(TrimReportText(held, isDryRun: false).text == "s: skipped, held by f00@host:1")
        #expect(
            TrimReportText(held, isDryRun: false).json.text.hasSuffix(
                #""skipped":"lock_held","holder":"f00@host:1","held_back_by":null}"#))
        held.skipped = .noConsumers
        #expect(
            TrimReportText(held, isDryRun: false).json.text.hasSuffix(
                #""skipped":"no_consumers","holder":null,"held_back_by":null}"#))
    }
}
