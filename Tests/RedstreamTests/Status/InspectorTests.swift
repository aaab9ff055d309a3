import RedstreamConnection
import TestSupport
import Testing

@testable import Redstream

@Suite(.timeLimit(.minutes(3))) struct InspectorTests {
    @Test func everyVerdictIsGivenOnARealServer() async throws {
        try await withNamespace { fixture in
            let (gem, keys) = (fixture.gem, fixture.keys)
            try await fixture.add(numbered: 1...10, to: keys.stream("products"))
            try await gem.commit("1-0", of: "orphan", on: "nostream")
            try await gem.commit("11-0", of: "ahead", on: "products")
            try await gem.commit("10-0", of: "idle", on: "products")
            try await gem.commit("5-0", of: "stopped", on: "products")
            for name in ["active", "stalled"] {
                try await gem.consumerLock(name, on: "products").hold()
            }
            try await gem.commit("10-0", of: "active", on: "products")
            try await gem.commit("5-0", of: "stalled", on: "products")
            let inspector = Inspector(fixture.client)
            let first = try await inspector.report()
            #expect(
                try verdicts(first) == [
                    "orphan": .orphan, "ahead": .ahead, "idle": .idle, "stopped": .stopped, "active": .active,
                    "stalled": .active,
                ])
            #expect(inspector.mayBeStalled(first))
            let second = try await inspector.report(comparedWith: first)
            #expect(try verdicts(second)["stalled"] == .stalled)
            try await gem.commit("6-0", of: "stalled", on: "products")
            #expect(try verdicts(try await inspector.report(comparedWith: second))["stalled"] == .active)
        }
    }

    @Test func aGapIsSeenByOurMarkAndByTheServersOwn() async throws {
        try await withNamespace { fixture in
            for stream in ["trimmed", "deleted", "kept"] {
                try await fixture.add(numbered: 1...10, to: fixture.keys.stream(stream))
                try await fixture.gem.commit("3-0", of: "indexer", on: stream)
            }
            _ = try await Trimmer(
                fixture.client, streams: .named(["trimmed"]), policy: .init(expiry: .seconds(60))
            ).runOnce()
            try await fixture.redis("XDEL", fixture.keys.stream("deleted"), "4-0", "5-0")
            // A trim up to the offset is none.
            _ = try await Trimmer(fixture.client, streams: .named(["kept"]), policy: .init(consumers: .found))
                .runOnce()
            let report = try await Inspector(fixture.client).report()
            let verdicts = Dictionary(
                uniqueKeysWithValues: report.consumers.map { ($0.consumer.stream, $0.verdict) })
            // Before 7.0 no server notes what XDEL has removed.
            let deleted: Verdict = try await fixture.server.knows(7, 0) ? .gap : .stopped
            #expect(verdicts == ["trimmed": .gap, "deleted": deleted, "kept": .stopped])
        }
    }

    @Test func countsAreBoundedAndSayso() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...50, to: fixture.keys.stream("products"))
            try await fixture.gem.commit("10-0", of: "indexer", on: "products")
            #expect(try await lag(fixture, limit: 100) == EntryCount(40))
            #expect(try await lag(fixture, limit: 40) == EntryCount(40))
            #expect(try await lag(fixture, limit: 39) == EntryCount(39, isBounded: true))
            #expect(try await lag(fixture, limit: nil) == EntryCount(40))
            // Nothing of what is present was read: the length is known without counting.
            try await fixture.gem.commit("0-0", of: "indexer", on: "products")
            #expect(try await lag(fixture, limit: 10) == EntryCount(50))
        }
    }

    @Test func aConsumersRowTellsWhereItStands() async throws {
        try await withNamespace { fixture in
            let now = try await fixture.serverTime()
            for age in [30_000, 20_000, 0] {
                try await fixture.add(id: "\(now - age)-0", to: fixture.keys.stream("products"))
            }
            try await fixture.gem.commit("\(now - 30_000)-0", of: "indexer", on: "products")
            let lock = fixture.gem.consumerLock("indexer", on: "products")
            try await lock.hold()
            let report = try await Inspector(fixture.client).report()
            let row = try #require(report.consumers.first)
            #expect(row.committed?.description == "\(now - 30_000)-0")
            #expect(row.lastID?.description == "\(now)-0")
            #expect(row.lag == EntryCount(2))
            #expect(try #require(row.behind) >= .seconds(20))
            #expect(try #require(row.behind) < .seconds(60))
            #expect(row.holder == lock.holder)
            #expect(try #require(row.lease) <= .seconds(600))
            #expect(try #require(row.lease) > .seconds(500))
            #expect(!row.isDelayer)
            let stream = try #require(report.streams.first)
            #expect(stream.length == 3)
            #expect(stream.firstID == row.committed)
            #expect(stream.lastID == row.lastID)
            #expect(try #require(stream.memory) > 0)
            #expect(stream.delay == nil)
        }
    }

    @Test func aDelayStreamTellsWhatIsDueAndWhenTheNextIs() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.delayStream("products")
            let now = try await fixture.serverTime()
            for age in [90_000, 70_000, 30_000, 0] { try await fixture.add(id: "\(now - age)-0", to: key) }
            try await fixture.gem.commit("0-0", of: "delayer", on: "products.delay")
            let unknown = try #require(try await Inspector(fixture.client).report().streams.first)
            #expect(unknown.stream == "products")
            #expect(unknown.length == nil, "only the delay stream exists")
            #expect(unknown.delay == DelayStatus(length: 4))

            let assumed = Inspector(fixture.client, options: .init(assumedDelay: .seconds(80)))
            #expect(try await assumed.report().streams.first?.delay?.due == EntryCount(1))

            try await fixture.redis("SET", fixture.keys.delay("products"), 60_000)
            let report = try await assumed.report()
            let delay = try #require(report.streams.first?.delay)
            #expect(delay.delay == .seconds(60), "what is in force beats what is assumed")
            #expect(delay.due == EntryCount(2))
            let next = try #require(delay.nextDue)
            #expect(next <= .seconds(30) && next > .seconds(10))
            let overdue = try #require(delay.overdue)
            #expect(overdue >= .seconds(30) && overdue < .seconds(50))
            let row = try #require(report.consumers.first)
            #expect(row.isDelayer)
            #expect(row.lag == EntryCount(2))
            #expect(row.behind == overdue)
            #expect(row.verdict == .stopped)
        }
    }

    @Test func aLookCanBeNarrowed() async throws {
        try await withNamespace { fixture in
            for stream in ["a", "b"] {
                try await fixture.add(numbered: 1...2, to: fixture.keys.stream(stream))
                for name in ["one", "two"] { try await fixture.gem.commit("1-0", of: name, on: stream) }
            }
            try await fixture.add(numbered: 1...2, to: fixture.keys.delayStream("a"))
            try await fixture.gem.commit("1-0", of: "delayer", on: "a.delay")
            let stream = try await Inspector(fixture.client, options: .init(stream: "a")).report()
            #expect(stream.streams.map(\.stream) == ["a"])
            #expect(stream.consumers.map(\.consumer.name) == ["one", "two", "delayer"])
            let consumer = try await Inspector(fixture.client, options: .init(consumer: "two")).report()
            #expect(
                consumer.consumers.map(\.consumer)
                    == ["a", "b"].map { ConsumerName(stream: $0, name: "two") })
        }
    }

    @Test func namingTheStreamSettlesWhatIsAmbiguous() async throws {
        try await withNamespace { fixture in
            for stream in ["a", "a:b"] { try await fixture.add(to: fixture.keys.stream(stream)) }
            try await fixture.redis("SET", "\(fixture.keys.base):offset:a:b:c", "0-0")
            let all = try await Inspector(fixture.client).report()
            #expect(all.consumers.isEmpty)
            #expect(all.ambiguous["a:b:c"]?.count == 2)
            let named = try await Inspector(fixture.client, options: .init(stream: "a:b")).report()
            #expect(named.consumers.map(\.consumer) == [ConsumerName(stream: "a:b", name: "c")])
        }
    }

    @Test func anEmptyNamespaceIsAnEmptyReport() async throws {
        try await withNamespace { fixture in
            let report = try await Inspector(fixture.client).report()
            #expect(report.streams.isEmpty)
            #expect(report.consumers.isEmpty)
            #expect(report.time > 1_600_000_000_000)
        }
    }

    private func verdicts(_ report: StatusReport) throws -> [String: Verdict] {
        Dictionary(uniqueKeysWithValues: report.consumers.map { ($0.consumer.name, $0.verdict) })
    }

    private func lag(_ fixture: Fixture, limit: Int?) async throws -> EntryCount? {
        try await Inspector(fixture.client, options: .init(countLimit: limit)).report().consumers.first?.lag
    }
}
