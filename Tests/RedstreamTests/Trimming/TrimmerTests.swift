import Redstream
import RedstreamConnection
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct TrimmerTests {
    @Test func aNewConsumersBacklogIsNotTrimmed() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.stream("products")
            try await fixture.add(numbered: 1...10, to: key)
            try await fixture.gem.commit("10-0", of: "old", on: "products")
            // `new` is named and has not read yet: it has no offset.
            let report = try await trim(fixture, .init(consumers: .named(["old", "new"])))
            #expect(report.removed == 0)
            #expect(try await fixture.length(key) == 10)
            // One that has started only just has stored that it has read nothing.
            try await fixture.gem.commit("0-0", of: "new", on: "products")
            #expect(try await trim(fixture, .init(consumers: .named(["old", "new"]))).removed == 0)
            #expect(try await trim(fixture, .init(consumers: .found)).removed == 0)
            #expect(try await fixture.length(key) == 10)
        }
    }

    @Test func anEntryAtSequence10IsNotTrimmedWhileAConsumerStandsAt9() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.stream("products")
            for sequence in 8...12 { try await fixture.add("\(sequence)", id: "1000-\(sequence)", to: key) }
            try await fixture.gem.commit("1000-9", of: "slow", on: "products")
            try await fixture.gem.commit("1000-10", of: "fast", on: "products")
            let report = try await trim(fixture, .init(consumers: .named(["slow", "fast"])))
            #expect(report.removed == 2)
            #expect(report.lastRemoved == StreamID("1000-9"))
            #expect(try await fixture.entries(key).map(\.id) == ["1000-10", "1000-11", "1000-12"])
        }
    }

    @Test func whatIsOlderGoesReadOrNot() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.stream("products")
            let now = try await fixture.serverTime()
            for age in [90_000, 61_000, 30_000, 0] { try await fixture.add(id: "\(now - age)-0", to: key) }
            try await fixture.gem.commit("0-0", of: "indexer", on: "products")
            let report = try await trim(fixture, .init(expiry: .seconds(60)))
            #expect(report.removed == 2)
            #expect(report.lastRemoved?.description == "\(now - 61_000)-0")
            #expect(try #require(report.age) >= .seconds(61))
            #expect(try #require(report.age) < .seconds(80))
            #expect(report.unread == ["indexer": 2])
            #expect(try await fixture.length(key) == 2)
            #expect(try await fixture.string(fixture.keys.trimMark("products")) == "\(now - 61_000)-0")
        }
    }

    @Test func bothTogetherTakeOnlyWhatIsOlderAndCommitted() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.stream("products")
            let now = try await fixture.serverTime()
            for age in [90_000, 80_000, 70_000, 0] { try await fixture.add(id: "\(now - age)-0", to: key) }
            try await fixture.gem.commit("\(now - 80_000)-0", of: "indexer", on: "products")
            let policy = TrimPolicy(expiry: .seconds(60), consumers: .named(["indexer"]))
            #expect(try await trim(fixture, policy).removed == 2)
            try await fixture.gem.commit("\(now)-0", of: "indexer", on: "products")
            #expect(try await trim(fixture, policy).removed == 1)
            #expect(try await fixture.length(key) == 1)
        }
    }

    @Test func foundConsumersAreThoseWithAnOffsetOrALiveLock() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.stream("products")
            try await fixture.add(numbered: 1...10, to: key)
            try await fixture.gem.commit("5-0", of: "one", on: "products")
            try await fixture.gem.commit("3-0", of: "two", on: "products")
            #expect(try await trim(fixture, .init(consumers: .found)).removed == 3)
            try await fixture.gem.commit("5-0", of: "two", on: "products")
            // The gem's new consumer has no offset yet, but holds its lock.
            let lock = fixture.gem.consumerLock("three", on: "products")
            try await lock.hold()
            #expect(try await trim(fixture, .init(consumers: .found)).removed == 0)
            try await lock.release()
            #expect(try await trim(fixture, .init(consumers: .found)).removed == 2)
        }
    }

    @Test func withoutConsumersNothingGoes() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...3, to: fixture.keys.stream("products"))
            let report = try await trim(fixture, .init(expiry: .seconds(1), consumers: .found))
            #expect(report.removed == 0)
            #expect(report.skipped == .noConsumers)
            #expect(try await fixture.length(fixture.keys.stream("products")) == 3)
        }
    }

    @Test func saysHowManyEntriesEachConsumerLostUnread() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...10, to: fixture.keys.stream("products"))
            try await fixture.gem.commit("0-0", of: "none", on: "products")
            try await fixture.gem.commit("4-0", of: "some", on: "products")
            // An offset between entries.
            try await fixture.gem.commit("6-5", of: "most", on: "products")
            try await fixture.gem.commit("10-0", of: "all", on: "products")
            let report = try await trim(fixture, .init(expiry: .seconds(1)))
            #expect(report.removed == 10)
            #expect(report.unread == ["none": 10, "some": 6, "most": 4])
        }
    }

    @Test(arguments: [1, 99, 100, 101, 9999, 10_000, 10_001, 20_001, 25_555])
    func thousandsGoInStepsAndTheMarkIsExact(committed: Int) async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.stream("products")
            try await fixture.add(numbered: 1...25_600, to: key)
            try await fixture.gem.commit("\(committed)-0", of: "indexer", on: "products")
            let report = try await trim(fixture, .init(consumers: .found))
            #expect(report.removed == committed)
            #expect(report.lastRemoved == StreamID(milliseconds: UInt64(committed)))
            #expect(report.unread.isEmpty)
            #expect(try await fixture.string(fixture.keys.trimMark("products")) == "\(committed)-0")
            let first = try await fixture.redis("XRANGE", key, "-", "+", "COUNT", 1).elements[0].elements[0]
                .string
            #expect(first == "\(committed + 1)-0")
            #expect(try await fixture.length(key) == 25_600 - committed)
        }
    }

    @Test func aDryRunSaysWhatThePassDoes() async throws {
        try await withNamespace { fixture in
            let now = try await fixture.serverTime()
            for stream in ["a", "b", "empty"] where stream != "empty" {
                try await fixture.add(numbered: 1...12_345, to: fixture.keys.stream(stream))
                try await fixture.add(id: "\(now)-0", to: fixture.keys.stream(stream))
            }
            try await fixture.gem.commit("500-0", of: "one", on: "a")
            try await fixture.gem.commit("12000-0", of: "two", on: "a")
            try await fixture.gem.commit("99-9", of: "one", on: "b")
            for policy in [
                TrimPolicy(consumers: .found), TrimPolicy(consumers: .named(["one"])),
                TrimPolicy(expiry: .seconds(60)),
            ] {
                let trimmer = Trimmer(fixture.client, streams: .named(["a", "b", "empty"]), policy: policy)
                let before = try await fixture.length(fixture.keys.stream("a"))
                var plan = try await trimmer.plan()
                #expect(try await fixture.length(fixture.keys.stream("a")) == before)
                var reports = try await trimmer.runOnce()
                for index in reports.indices {
                    // The clock goes on between the two.
                    plan[index].age = nil
                    reports[index].age = nil
                }
                #expect(plan == reports)
            }
            #expect(try await fixture.length(fixture.keys.stream("a")) == 1)
        }
    }

    @Test func allStreamsAreThoseThatApplicationsWrite() async throws {
        try await withNamespace { fixture in
            let streams = ["a", "a.delay", "a.indexer.dead", "b"]
            for stream in streams { try await fixture.add(numbered: 1...3, to: fixture.keys.stream(stream)) }
            let reports = try await Trimmer(
                fixture.client, streams: .all, policy: .init(expiry: .seconds(60))
            ).runOnce()
            #expect(reports.map(\.stream) == ["a", "b"])
            var lengths: [Int] = []
            for stream in streams { lengths.append(try await fixture.length(fixture.keys.stream(stream))) }
            #expect(lengths == [0, 3, 3, 0])
        }
    }

    private func trim(_ fixture: Fixture, _ policy: TrimPolicy) async throws -> TrimReport {
        let reports = try await Trimmer(fixture.client, streams: .named(["products"]), policy: policy)
            .runOnce()
        return try #require(reports.first)
    }
}
