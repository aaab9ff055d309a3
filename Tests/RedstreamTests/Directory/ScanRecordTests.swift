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
            (.service(scanInterval: nil), 139_999, false), (.service(scanInterval: nil), 140_000, true),
            (.service(scanInterval: .seconds(5)), 4_999, false), (.service(scanInterval: .seconds(5)), 5_000, true),
            (.namedStreams, 9_000_000, false),
        ] as [(DirectoryUse, UInt64, Bool)])
    func scansTakeAHundredthOfTheTime(use: DirectoryUse, age: UInt64, isOutdated: Bool) {
        let record = record(cost: .milliseconds(1400), pages: 2000)
        #expect(record.isOutdated(for: use, now: 1_000_000 + age, present: ["a", "b"]) == isOutdated)
    }

    @Test func aScanIsMadeOnceInAnHourAtLeast() {
        #expect(record(cost: .seconds(90), pages: 100_000).interval == .seconds(3600))
    }

    @Test(arguments: [DirectoryUse.look, .namedStreams])
    func whoAsksOnceScansASmallDatabase(use: DirectoryUse) {
        #expect(record(cost: .seconds(1), pages: 10).isOutdated(for: use, now: 1_000_000, present: ["a"]))
        #expect(!record(cost: .seconds(1), pages: 11).isOutdated(for: use, now: 1_000_000, present: ["a"]))
    }

    @Test(arguments: [DirectoryUse.look, .namedStreams, .service(scanInterval: .seconds(3600))])
    func aServerThatWasNotScannedIsScanned(use: DirectoryUse) {
        #expect(record(cost: .zero, pages: 2000).isOutdated(for: use, now: 1_000_000, present: ["a", "c"]))
    }

    @Test func aClockThatWentBackScansNothing() {
        #expect(!record(cost: .seconds(1), pages: 11).isOutdated(for: .look, now: 5, present: ["a"]))
    }
}
