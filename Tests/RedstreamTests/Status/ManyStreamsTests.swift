import Redstream
import RedstreamConnection
import TestSupport
import Testing

/// Work on many streams goes in pipelines, and does not grow faster than the streams.
@Suite(.timeLimit(.minutes(3))) struct ManyStreamsTests {
    @Test func inspectionReadsManyStreamsAtATime() async throws {
        try await withServer { fixture in
            try await fixture.addStreams(0..<500)
            let traffic = try await Traffic.of(fixture) {
                let report = try await Inspector(fixture.client).report()
                #expect(report.streams.count == 500)
                #expect(report.consumers.map(\.lag) == Array(repeating: EntryCount(2), count: 500))
                #expect(report.consumers.allSatisfy { $0.verdict == .stopped })
            }
            #expect(traffic.reads < 150, "\(traffic)")
        }
    }

    @Test func trimStepsOfManyStreamsGoTogether() async throws {
        try await withServer { fixture in
            try await fixture.addStreams(0..<500)
            let traffic = try await Traffic.of(fixture) {
                let reports = try await Trimmer(fixture.client, streams: .all, policy: .init(consumers: .found))
                    .runOnce()
                #expect(reports.map(\.removed) == Array(repeating: 1, count: 500))
            }
            // Each lock is taken and given back by itself.
            #expect(traffic.reads < 1200, "\(traffic)")
        }
    }

    @Test func aTrimOfTwiceTheStreamsTakesTwiceTheCommands() async throws {
        try await withServer { fixture in
            func commands() async throws -> Int {
                try await Traffic.of(fixture) {
                    try await Trimmer(fixture.client, streams: .all, policy: .init(consumers: .found)).runOnce()
                }.commands
            }
            try await fixture.addStreams(0..<300)
            let once = try await commands()
            try await fixture.redis("FLUSHALL")
            try await fixture.addStreams(0..<600)
            #expect(try await commands() < 3 * once)
        }
    }

    @Test func aStreamOfTwoNamesIsTrimmedOnce() async throws {
        try await withServer { fixture in
            try await fixture.addStreams(0..<1)
            let policy = TrimPolicy(consumers: .found)
            let reports = try await Trimmer(fixture.client, streams: .named(["s0", "s0"]), policy: policy).runOnce()
            #expect(reports.map(\.removed) == [1])
            #expect(reports.map(\.skipped) == [nil])
        }
    }

    @Test func streamsBeforeAForbiddenOneAreTrimmed() async throws {
        try await withServer { fixture in
            try await fixture.addStreams(0..<3)
            // A list in place of the lock's string.
            try await fixture.redis("LPUSH", fixture.keys.trimmerLock("s1").key, "x")
            let reports = Recorder<TrimReport>()
            let trimmer = Trimmer(
                fixture.client, streams: .named(["s0", "s1", "s2"]), policy: .init(consumers: .found),
                report: { reports.note($0) })
            await #expect(throws: RedisError.self) { try await trimmer.runOnce() }
            #expect(reports.values.map(\.stream) == ["s0"])
            #expect(try await fixture.length(fixture.keys.stream("s0")) == 2)
            #expect(try await fixture.length(fixture.keys.stream("s2")) == 3)
        }
    }

    /// Runs a test on a server that nobody else uses.
    private func withServer(_ body: (Fixture) async throws -> Void) async throws {
        try await RedisServer.with { server in
            try await withNamespace(on: server, body)
        }
    }
}
