import TestSupport
import Testing

@testable import Torture

/// A short torture in the suite; `make torture` is the long one.
@Suite(.timeLimit(.minutes(4))) struct ShortRunTests {
    @Test func nothingIsLostInAShortTorture() async throws {
        let folder = try TemporaryDirectory()
        let run = TortureRun(
            .init(
                time: .seconds(12), seed: 5, deployment: .single, folder: folder.path, streams: ["orders"], rate: 50)
        ) { _ in }
        let report = Report(try await run.history())
        #expect(report.violations == [], "\(report.text)")
        #expect(report.figures.acknowledged > 500, "\(report.text)")
        #expect(report.figures.handled > 1000, "\(report.text)")
        #expect(report.figures.moved > 100, "\(report.text)")
        #expect(report.figures.trimmed > 100, "\(report.text)")
        #expect(report.figures.faults.count > 5, "\(report.text)")
    }

    @Test(arguments: [DeploymentKind.sentinel, .cluster])
    func whatAReplicaWasWaitedForOutlivesAPrimaryThatWritesAloneAndDies(_ deployment: DeploymentKind) async throws {
        let folder = try TemporaryDirectory()
        let run = FailoverRun(
            deployment, .wait, faults: [.failover(.afterBrokenLink)], rounds: 1, rate: 100, folder: folder.path
        ) { _ in }
        let result = try await run.figures()
        #expect(result.violations == [])
        let row = try #require(result.rows.first)
        // Under a sanitizer, a primary that dies takes nearly all of the time of writing with it.
        #expect(row.acknowledged > (Sanitizer.isOn ? 0 : 100))
        #expect(row.lost == 0)
    }
}
