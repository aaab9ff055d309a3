import Redstream
import RedstreamConnection
import TestSupport
import Testing

@testable import RedstreamCLI

/// One pass of `trim`.
@Suite struct TrimOnceTests {
    /// The streams `products` with the entries 1-0 to 10-0 and a young one, and two consumers.
    private func prepared(_ body: (Fixture, _ young: String) async throws -> Void) async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.stream("products")
            try await fixture.add(numbered: 1...10, to: key)
            let young = try await fixture.add("young", to: key)
            try await fixture.setOffset("9-0", of: "a")
            try await fixture.setOffset("10-0", of: "b")
            try await body(fixture, young)
        }
    }

    @Test func anExpiryRemovesWhatIsOlderReadOrNot() async throws {
        try await prepared { fixture, young in
            let result = try await fixture.run("trim", "--stream", "products", "--expiry", "1d", "--once")
            result.expect(.done)
            #expect(result.output.hasPrefix("products: removed 10 up to 10-0, "))
            #expect(result.output.hasSuffix(" old\n  a lost 1 unread\n"))
            #expect(try await fixture.ids() == [young])
        }
    }

    @Test func consumersKeepWhatTheyHaveNotCommittedComparedAsNumbers() async throws {
        try await prepared { fixture, young in
            let result = try await fixture.run("trim", "--stream", "products", "--consumers", "a,b", "--once")
            result.expect(.done)
            #expect(result.output.hasPrefix("products: removed 9 up to 9-0, "))
            #expect(try await fixture.ids() == ["10-0", young])
        }
    }

    @Test func aNamedConsumerWithoutAnOffsetKeepsEverything() async throws {
        try await prepared { fixture, _ in
            let result = try await fixture.run("trim", "--stream", "products", "--consumers", "a,c", "--once")
            result.expect(.done)
            #expect(
                result.output
                    == "products: nothing to remove, kept for consumer c, which has committed nothing (it has no offset: is the name right?)\n"
            )
            try await fixture.setOffset("0-0", of: "c")
            let plan = try await fixture.run("trim", "--stream", "products", "--committed", "--dry-run")
            #expect(
                plan.output
                    == "products: nothing to remove, kept for consumer c, which has committed nothing (redstream forget, if it is retired)\n"
            )
            #expect(try await fixture.ids().count == 11)
        }
    }

    @Test func committedStandsForAllConsumersThatAreFound() async throws {
        try await prepared { fixture, young in
            try await fixture.setOffset("4-0", of: "c")
            try await fixture.run("trim", "--committed", "--once").expect(.done)
            #expect(try await fixture.ids() == (5...10).map { "\($0)-0" } + [young])
            // One that runs and has not committed anything has read nothing.
            try await fixture.hold(fixture.keys.lock(ConsumerName(stream: "products", name: "d")))
            try await fixture.setOffset("10-0", of: "c")
            try await fixture.run("trim", "--committed", "--once").expect(.done)
            #expect(try await fixture.ids().count == 7)
        }
    }

    @Test func committedWithoutConsumersRemovesNothing() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...3, to: fixture.keys.stream("products"))
            let result = try await fixture.run("trim", "--committed", "--once")
            result.expect(.done)
            #expect(result.output == "products: nothing removed, it has no consumers\n")
            #expect(try await fixture.ids().count == 3)
        }
    }

    @Test func togetherOnlyWhatIsBothOldAndCommittedGoes() async throws {
        try await prepared { fixture, young in
            try await fixture.setOffset(young, of: "a")
            try await fixture.setOffset(young, of: "b")
            try await fixture.run("trim", "--expiry", "1d", "--committed", "--once").expect(.done)
            #expect(try await fixture.ids() == [young])
            try await fixture.run("trim", "--committed", "--once").expect(.done)
            #expect(try await fixture.ids() == [])
        }
    }

    @Test(arguments: [
        ["--expiry", "1d"], ["--consumers", "a"], ["--committed"], ["--expiry", "1d", "--consumers", "a,b"],
    ])
    func aDryRunSaysWhatThePassThenDoes(policy: [String]) async throws {
        try await prepared { fixture, _ in
            func trim(_ arguments: String...) async throws -> String {
                let result = try await ToolProcess(
                    ["trim", "-o", "json", "--stream", "products"] + policy + arguments,
                    environment: fixture.toolEnvironment
                ).result()
                result.expect(.done)
                return result.output.replacing(/"age_ms":\d+/, with: "")
            }
            let plan = try await trim("--dry-run")
            #expect(try await fixture.ids().count == 11)
            #expect(try await fixture.string(fixture.keys.trimMark("products")) == nil)
            let pass = try await trim("--once")
            #expect(plan.replacing(#""dry_run":true"#, with: #""dry_run":false"#) == pass)
            #expect(try await fixture.ids().count < 11)
        }
    }

    @Test func theJSONReportHasStableKeys() async throws {
        try await prepared { fixture, _ in
            let arguments = ["trim", "--expiry", "1d", "--once", "-o", "json"]
            let first = try await ToolProcess(arguments, environment: fixture.toolEnvironment).result()
            #expect(
                first.output.replacing(/"age_ms":\d+/, with: "AGE")
                    == #"{"stream":"products","dry_run":false,"removed":10,"last_removed_id":"10-0",AGE,"#
                    + #""unread":{"a":1},"skipped":null,"holder":null,"held_back_by":null}"# + "\n")
            let second = try await ToolProcess(arguments, environment: fixture.toolEnvironment).result()
            #expect(
                second.output
                    == #"{"stream":"products","dry_run":false,"removed":0,"last_removed_id":null,"age_ms":null,"#
                    + #""unread":{},"skipped":null,"holder":null,"held_back_by":null}"# + "\n")
        }
    }

    @Test func allStreamsAreTrimmedButDelayAndDeadLetterStreams() async throws {
        try await withNamespace { fixture in
            let kept = ["a.delay", "a.indexer.dead"]
            for stream in ["a", "b:c"] + kept {
                try await fixture.add(numbered: 1...2, to: fixture.keys.stream(stream))
            }
            let result = try await fixture.run("trim", "--expiry", "1d", "--once")
            result.expect(.done)
            #expect(result.lines.map { $0.prefix { $0 != " " } } == ["a:", "b:c:"])
            for stream in kept { #expect(try await fixture.length(fixture.keys.stream(stream)) == 2) }
            #expect(try await fixture.length(fixture.keys.stream("b:c")) == 0)
        }
    }

    @Test func aHeldStreamIsSkippedTheOthersAreTrimmedAndTheHolderIsNamed() async throws {
        try await withNamespace { fixture in
            for stream in ["a", "b", "c"] {
                try await fixture.add(numbered: 1...2, to: fixture.keys.stream(stream))
            }
            try await fixture.hold(fixture.keys.trimmerLock("b"))
            let result = try await fixture.run("trim", "--expiry", "1d", "--once")
            result.expect(.lockHeld)
            #expect(result.lines.line(1) == "b: skipped, held by f00@elsewhere:1")
            #expect(
                result.errors == """
                    redstream: the trimmer of b is held by f00@elsewhere:1
                    hint: --wait stands by until it is free

                    """)
            #expect(try await fixture.length(fixture.keys.stream("a")) == 0)
            #expect(try await fixture.length(fixture.keys.stream("b")) == 2)
            #expect(try await fixture.length(fixture.keys.stream("c")) == 0)
        }
    }

    @Test(arguments: [
        ([], "say what to remove: --expiry, --consumers or --committed"), (["--expiry", "1"], "it has no unit"),
        (["--consumers", "a", "--committed"], "give one"), (["--consumers", ","], "names none"),
        (["--expiry", "1d", "--wait"], "--wait goes with --once"),
        (["--expiry", "1d", "--stream", "a.delay"], "is a delay stream"),
        (["--expiry", "1d", "--stream", "a.b.dead"], "holds dead letters"),
    ])
    func withoutASoundPolicyNothingIsDone(arguments: [String], reason: String) async throws {
        let result = try await ToolProcess.runWithoutServer(["trim"] + arguments)
        result.expect(.usage)
        #expect(result.errors.contains(reason), "\(result.errors)")
    }
}
