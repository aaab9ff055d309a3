import Redstream
import TestSupport
import Testing

@testable import RedstreamCLI

/// `seek --shards` and `forget --shards`: all shards, or none.
@Suite struct ShardedSeekTests {
    private func prepared(_ body: (Fixture) async throws -> Void) async throws {
        try await withNamespace { fixture in
            // The second shard has no entry yet.
            for stream in ["products-0", "products-2"] {
                try await fixture.add(numbered: 1...9, to: fixture.keys.stream(stream))
                try await fixture.setOffset("5-0", on: stream)
            }
            try await body(fixture)
        }
    }

    private func run(_ fixture: Fixture, _ words: String...) async throws -> ToolProcess.Result {
        try await ToolProcess(
            words + ["--stream", "products", "--shards", "3", "--name", "indexer"], environment: fixture.toolEnvironment
        ).result()
    }

    @Test func movesEveryShardThatExistsAndTellsHowToUndoEach() async throws {
        try await prepared { fixture in
            let result = try await run(fixture, "seek", "--to", "7-0")
            result.expect(.done)
            #expect(result.lines.line(0) == "products-0, indexer: moved from 5-0 to 7-0: 2 entries are skipped")
            #expect(result.lines.line(1).hasPrefix("products-2, indexer: moved"))
            #expect(result.lines.line(2) == "undo: redstream seek --stream products-0 --name indexer --to 5-0")
            #expect(result.lines.line(3) == "undo: redstream seek --stream products-2 --name indexer --to 5-0")
            #expect(result.lines.count == 4)
            #expect(try await fixture.offset(on: "products-0") == "7-0")
            #expect(try await fixture.offset(on: "products-1") == nil)
            #expect(try await fixture.offset(on: "products-2") == "7-0")
            #expect(try await fixture.holder(on: "products-0") == nil)
        }
    }

    @Test(arguments: [["seek", "--to", "earliest"], ["forget"]])
    func whereOneShardIsHeldNothingIsDone(words: [String]) async throws {
        try await prepared { fixture in
            try await fixture.hold(fixture.keys.lock(ConsumerName(stream: "products-2", name: "indexer")))
            let result = try await ToolProcess(
                words + ["--stream", "products", "--shards", "3", "--name", "indexer"],
                environment: fixture.toolEnvironment
            ).result()
            result.expect(.lockHeld)
            #expect(result.errors.contains("consumer indexer of products-2 runs on elsewhere, pid 1"))
            #expect(try await fixture.offset(on: "products-0") == "5-0")
            #expect(try await fixture.offset(on: "products-2") == "5-0")
            #expect(try await fixture.holder(on: "products-0") == nil)
        }
    }

    @Test func forgetsEveryShard() async throws {
        try await prepared { fixture in
            let plan = try await run(fixture, "forget", "--dry-run", "-o", "json")
            #expect(plan.lines.count == 2)
            #expect(try await fixture.offset(on: "products-0") == "5-0")
            let result = try await run(fixture, "forget")
            #expect(
                result.lines == ["products-0, indexer: forgotten", "products-2, indexer: forgotten"]
                    + [0, 2].map { "undo: redstream seek --stream products-\($0) --name indexer --to 5-0" })
            #expect(try await fixture.offset(on: "products-0") == nil)
            #expect(try await fixture.offset(on: "products-2") == nil)
            let again = try await run(fixture, "forget")
            again.expect(.failed)
            #expect(again.errors.contains("stream products has no consumer indexer"))
        }
    }
}
