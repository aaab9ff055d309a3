import Redstream
import TestSupport
import Testing

@testable import RedstreamCLI

/// The lines of a named consumer before it starts: it is new, or an option does not count.
@Suite struct ConsumerStartTests {
    /// The stream `products` with five entries, and its consumer `indexer`, which has read three.
    private func prepared(_ body: (Fixture) async throws -> Void) async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...5, to: fixture.keys.stream("products"))
            try await fixture.setOffset("3-0")
            try await body(fixture)
        }
    }

    private func consume(
        _ fixture: Fixture, as name: String = "indexer", _ arguments: [String]
    ) async throws -> ToolProcess.Result {
        try await ToolProcess.run(
            ["consume", "--stream", "products", "--name", name, "-o", "payload"] + arguments,
            environment: fixture.toolEnvironment)
    }

    @Test(arguments: [
        ("indexr", [], "a new consumer, from the first of 5 entries (did you mean indexer?)"),
        ("mailer", [], "a new consumer, from the first of 5 entries"),
        ("mailer", ["--from", "latest"], "a new consumer, from the end, after 5 entries"),
        ("mailer", ["--from", "3-0"], "a new consumer, from 1970-01-01T00:00:00.003Z on, of 5 entries"),
        ("mailer", ["--from", "committed:indexer"], "a new consumer, from where indexer has committed, of 5 entries"),
        (
            "mailer", ["--from", "committed:idxer"],
            "a new consumer, from the first of 5 entries, since idxer has committed nothing"
        ),
    ])
    func newConsumerSaysWhereItStarts(name: String, options: [String], said: String) async throws {
        try await prepared { fixture in
            let result = try await consume(fixture, as: name, options + ["--exit-at-end"])
            result.expect(.done)
            #expect(result.errors == "redstream: products, \(name): \(said)\n")
            // Only once.
            #expect(try await consume(fixture, as: name, ["--exit-at-end"]).errors.isEmpty)
        }
    }

    @Test func newConsumerOfAllShardsSaysSoOnce() async throws {
        try await withNamespace { fixture in
            for shard in 0..<3 {
                try await fixture.add(numbered: 1...2, to: fixture.keys.stream("products-\(shard)"))
                try await fixture.setOffset("2-0", on: "products-\(shard)")
            }
            let result = try await consume(fixture, as: "indexr", ["--shards", "4", "--exit-at-end"])
            result.expect(.done)
            #expect(
                result.errors
                    == "redstream: 4 shards of products, indexr: a new consumer, from the first of 6 entries (did you mean indexer?)\n"
            )
        }
    }

    @Test func offsetBeforeATimeIsShownAsTheTime() async throws {
        try await prepared { fixture in
            let offset = StreamID(milliseconds: 1999, sequence: .max)
            try await fixture.setOffset(offset.description)
            let result = try await consume(fixture, ["--since", "1d", "--exit-at-end"])
            result.expect(.done)
            #expect(result.errors.contains("it has an offset, \(offset.shownAsOffset), and goes on from there"))
        }
    }

    @Test func numbersAreGrouped() {
        let start = ConsumerStart(
            place: "products", name: "indexr", startOption: nil, hasEnd: false, seek: "")
        #expect(
            start.decision([ReadPlan(start: .earliest, limits: .none, streamExists: true, length: 3_000_003)])
                == .sayNew("products, indexr: a new consumer, from the first of 3,000,003 entries"))
    }

    @Test(arguments: [
        ("--since", "000000000002", "--to 1970-01-01T00:00:00.002Z"),
        ("--since", "2026-11-20T10:00:00Z", "--to 2026-11-20T10:00:00Z"),
        ("--from", "earliest", "--to earliest"), ("--from", "committed:a b", "--to 'committed:a b'"),
    ])
    func optionThatDoesNotCountIsSaid(option: String, value: String, seek: String) async throws {
        try await prepared { fixture in
            try await fixture.setOffset("1-0", of: "a b")
            let result = try await consume(fixture, [option, value, "--exit-at-end"])
            // A unit that is started again must go on.
            result.expect(.done)
            #expect(result.lines == ["4", "5"])
            #expect(
                result.errorLines == [
                    "redstream: products, indexer: it has an offset, 3-0, and goes on from there: \(option) is ignored",
                    "hint: redstream seek --stream products --name indexer \(seek) moves it",
                ])
        }
    }

    @Test(arguments: [
        ["--until", "4-0"], ["--until", "3-0"], ["--until", "1d"], ["--until", "4-0", "--exit-at-end"],
    ])
    func optionThatDoesNotCountIsRefusedWithAnEnd(end: [String]) async throws {
        try await prepared { fixture in
            let result = try await consume(fixture, ["--since", "000000000002"] + end)
            result.expect(.failed)
            #expect(result.output.isEmpty)
            #expect(result.errors.contains("it has an offset, 3-0, so --since does not count"))
            #expect(
                result.errors.contains(
                    "hint: redstream seek --stream products --name indexer --to 1970-01-01T00:00:00.002Z moves it first"
                ))
            #expect(try await fixture.offset() == "3-0")
            // What the hint says works.
            try await fixture.run(
                "seek", "--stream", "products", "--name", "indexer", "--to", "1970-01-01T00:00:00.002Z"
            ).expect(.done)
            #expect(try await consume(fixture, ["--until", "4-0"]).lines == ["2", "3", "4"])
        }
    }

    @Test func anOffsetOnSomeShardsCountsToo() async throws {
        try await withNamespace { fixture in
            for shard in 0..<3 { try await fixture.add(numbered: 1...2, to: fixture.keys.stream("products-\(shard)")) }
            try await fixture.setOffset("1-0", on: "products-1")
            let refused = try await consume(
                fixture, ["--shards", "3", "--since", "000000000001", "--until", "2-0"])
            refused.expect(.failed)
            #expect(refused.errors.contains("3 shards of products, indexer: on 1 of them it has an offset, 1-0, so"))
            let result = try await consume(fixture, ["--shards", "3", "--since", "000000000002", "--exit-at-end"])
            result.expect(.done)
            #expect(result.lines.sorted() == ["2", "2", "2"])
            #expect(result.errors.contains("--since is ignored\nhint: redstream seek --stream products --shards 3 "))
        }
    }

    @Test func everythingCommittedBeforeTheEndIsSaid() async throws {
        try await prepared { fixture in
            let result = try await consume(fixture, ["--until", "2-0"])
            result.expect(.done)
            #expect(result.errors == "redstream: products, indexer: everything up to --until is committed already\n")
        }
    }

    @Test(
        arguments: [
            ["--since", "1d", "--until", "2d"], ["--from", "1h", "--until", "2026-11-20"],
            ["--since", "5-0", "--until", "4-9"], ["--since", "2026-11-20", "--until", "2026-11-19"],
            ["--from", "latest", "--until", "1h"], ["--since", "9999999999999", "--exit-at-end"],
        ], [[], ["--name", "mailer"]])
    func emptyRangeIsRefused(range: [String], name: [String]) async throws {
        try await prepared { fixture in
            let result = try await ToolProcess.run(
                ["consume", "--stream", "products"] + range + name, environment: fixture.toolEnvironment)
            result.expect(.usage)
            #expect(result.errors.contains("redstream: cannot consume: "))
            #expect(try await fixture.offset(of: "mailer") == nil)
        }
    }

    @Test(arguments: [
        ("4-0", "5-0", false, false), ("4-0", "4-0", false, true), ("5-0", "4-0", false, true),
        ("earliest", "0-1", false, false), ("latest", "99-0", false, true), ("latest", "100-0", false, false),
        ("99-18446744073709551615", nil, true, false), ("100-18446744073709551615", nil, true, true),
        ("200-0", nil, false, false),
    ])
    func rangesAreEmptyOrNot(offset: String, end: String?, endsNow: Bool, isEmpty: Bool) throws {
        let start: StartPosition =
            switch offset {
            case "earliest": .earliest
            case "latest": .latest
            default: .after(try #require(StreamID(offset)))
            }
        let end = end.flatMap { StreamID($0) }
        #expect((ReadPlan.emptyRange(start, end, endsNow: endsNow, now: 100) != nil) == isEmpty)
    }
}
