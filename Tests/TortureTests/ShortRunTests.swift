import Redstream
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
    func replicatedEntriesOutliveAPrimaryThatWritesAlone(_ deployment: DeploymentKind) async throws {
        let folder = try TemporaryDirectory()
        let run = FailoverRun(
            deployment, .wait, faults: [.failover(.afterBrokenLink)], rounds: 1, rate: 100, folder: folder.path
        ) { _ in }
        let result = try await run.figures()
        #expect(result.violations == [])
        let row = try #require(result.rows.first)
        #expect(row.lost == 0)
        // From before its end on, the primary had nobody to wait for. What it wrote alone is gone, and was not acknowledged;
        // the producer acknowledged it, and all that came later, where it was written again.
        let promotion = try #require(result.history.promotions.first)
        let written = ids(at: promotion.former, in: result.history)
        let kept = ids(at: promotion.successor, in: result.history)
        let acknowledged = Set(result.history.produced.compactMap(\.id))
        let alone = written.subtracting(kept)
        #expect(alone.isDisjoint(with: acknowledged))
        #expect(acknowledged.contains { $0.milliseconds > promotion.start })
        let lonely = Span(promotion.start - UInt64(AppendOnlyServer.timeAlone.milliseconds), promotion.start)
        #expect(!alone.isEmpty || result.history.isBusy(around: lonely))
    }

    /// The ids of the entries that a server has ever had in its stream.
    private func ids(at server: String, in history: History) -> Set<StreamID> {
        let records = history.segments.lazy.filter { $0.server == server }.flatMap(\.records)
        return Set(
            records.compactMap { record in if case .appended(_, let id, _) = record.event { id } else { nil } })
    }
}
