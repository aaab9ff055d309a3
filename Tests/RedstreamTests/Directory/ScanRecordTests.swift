import Testing

@testable import Redstream

/// The price of scans, as a decision on plain values.
@Suite struct ScanRecordTests {
    private func record(cost: Duration, pages: Int) -> ScanRecord {
        ScanRecord(began: 1_000_000, cost: cost, pages: pages, servers: ["a", "b"])
    }

    @Test(
        arguments: [
            // Two million keys: 1.4 s, hence once in 140 s.
            (.look, 139_999, false), (.look, 140_000, true),
            (.service, 9_000_000, false), (.namedStreams, 9_000_000, false),
        ] as [(DirectoryUse, UInt64, Bool)])
    func scansTakeAHundredthOfTheTime(use: DirectoryUse, age: UInt64, isOutdated: Bool) {
        let record = record(cost: .milliseconds(1400), pages: 2000)
        #expect(record.isOutdated(for: use, now: 1_000_000 + age, present: ["a", "b"]) == isOutdated)
    }

    @Test func scansAtLeastHourly() {
        #expect(record(cost: .seconds(90), pages: 100_000).interval == .seconds(3600))
        #expect(record(cost: .seconds(90), pages: 100_000).serviceInterval(nil) == .seconds(3600))
    }

    @Test func servicesScanEveryFiveSecondsAtMost() {
        #expect(record(cost: .milliseconds(1), pages: 1).serviceInterval(nil) == .seconds(5))
        #expect(record(cost: .milliseconds(1), pages: 1).serviceInterval(.milliseconds(50)) == .milliseconds(50))
    }

    @Test(arguments: [DirectoryUse.look, .namedStreams])
    func commandsScanASmallDatabase(use: DirectoryUse) {
        #expect(record(cost: .seconds(1), pages: 10).isOutdated(for: use, now: 1_000_000, present: ["a"]))
        #expect(!record(cost: .seconds(1), pages: 11).isOutdated(for: use, now: 1_000_000, present: ["a"]))
    }

    @Test(arguments: [DirectoryUse.look, .namedStreams, .service])
    func aServerThatWasNotScannedIsScanned(use: DirectoryUse) {
        #expect(record(cost: .zero, pages: 2000).isOutdated(for: use, now: 1_000_000, present: ["a", "c"]))
    }

    @Test(arguments: [DirectoryUse.look, .namedStreams, .service])
    func aClockThatWentBackScansAnew(use: DirectoryUse) {
        #expect(record(cost: .seconds(1), pages: 11).isOutdated(for: use, now: 5, present: ["a"]))
    }
}
