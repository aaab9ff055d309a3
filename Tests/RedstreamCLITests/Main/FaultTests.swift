import Redstream
import RedstreamConnection
import TestSupport
import Testing

@testable import RedstreamCLI

/// Faults that a tool must not have, each of which this one had.
@Suite struct FaultTests {
    @Test func aClosedOutputNeitherHangsNorTakesTheReportForItsOwn() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.shell(
                #""$REDSTREAM" produce --stream products '{"id": 1}' >&-"#
            ).result()
            result.expect(.done)
            #expect(try await fixture.payloads() == [#"{"id": 1}"#])
        }
    }

    @Test(arguments: ["--name indexer", "--name indexer --shards 1", ""])
    func whereTheOutputIsClosedNothingIsConsumed(flags: String) async throws {
        try await withNamespace { fixture in
            for stream in ["products", "products-0"] { try await fixture.add("1", to: fixture.keys.stream(stream)) }
            let result = try await fixture.shell(
                #""$REDSTREAM" consume --stream products --exit-at-end \#(flags) >&-"#
            ).result()
            result.expect(.failed)
            #expect(result.errors.contains("standard output is closed"))
            #expect(try await fixture.offset() == nil)
            #expect(try await fixture.offset(on: "products-0") == nil)
        }
    }

    @Test(arguments: [
        "inspect-offsets", "inspect-offsets --watch 1h", "shard-of --shards 4 1",
        "dead-letters list --stream products --consumer indexer",
        "dead-letters show --stream products --consumer indexer --id 1-0",
    ])
    func aReportWithoutAnOutputIsRefused(command: String) async throws {
        try await withNamespace { fixture in
            let result = try await fixture.shell(#""$REDSTREAM" \#(command) >&-"#).result()
            result.expect(.failed)
            #expect(result.errors.contains("standard output is closed"), "\(result.errors)")
        }
    }

    @Test func whereTheOutputIsClosedNothingIsProducedWhoseIDsAreWanted() async throws {
        try await withNamespace { fixture in
            try await fixture.shell(#""$REDSTREAM" produce --stream products --print-ids 1 >&-"#).result()
                .expect(.failed)
            #expect(try await fixture.payloads().isEmpty)
        }
    }

    @Test(arguments: [["--exit-at-end"], ["--until", "1m"], ["--exit-at-end", "--shards", "2"]])
    func whatEndsAtOnceLeavesNoOffsetOfAStreamThatDoesNotExist(flags: [String]) async throws {
        try await withNamespace { fixture in
            let result = try await ToolProcess.run(
                ["consume", "--stream", "productz", "--name", "indexer", "--exec", "cat"] + flags,
                environment: fixture.toolEnvironment)
            result.expect(.done)
            let what = flags.contains("--shards") ? "shard of" : "stream"
            #expect(result.errors.hasPrefix("redstream: there is no \(what) productz"))
            #expect(result.errorLines.count == 1)
            #expect(try await fixture.redis("KEYS", "\(fixture.namespace)*").elements.isEmpty)
        }
    }

    @Test func aStreamOfWhichThereAreOnlyShardsIsSaidToHaveThem() async throws {
        try await withNamespace { fixture in
            try await fixture.add("1", to: fixture.keys.stream("products-1"))
            let result = try await fixture.run("consume", "--stream", "products", "--exit-at-end")
            result.expect(.done)
            #expect(result.errors.contains("there is no stream products (products-1 exists: add --shards 2)\n"))
        }
    }

    @Test func aDelayerOfAStreamThatIsNotThereSaysSo() async throws {
        try await withNamespace { fixture in
            let typo = try await fixture.run("delay", "--stream", "nono", "--delay", "5m", "--once")
            typo.expect(.done)
            #expect(typo.errors.hasPrefix("redstream: there is neither a stream nono nor a delay stream of it"))
            #expect(typo.errorLines.count == 1)
            try await fixture.add("1", to: fixture.keys.stream("products.delay"))
            let good = try await fixture.run("delay", "--stream", "products", "--delay", "5m", "--once")
            #expect(good.errors.isEmpty)
        }
    }

    @Test(arguments: [
        (["consume", "--stream", "s", "--count", "-1"], "--count is at least 1"),
        (["consume", "--stream", "s", "--batch-size", "-1"], "--batch-size is at least 1"),
        (["produce", "--stream", "s", "--wait-replicas", "-1", "1"], "--wait-replicas is at least 1"),
        (["inspect-offsets", "--max-lag", "-1"], "--max-lag is at least 0"),
        (["inspect-offsets", "--max-dead", "-1"], "--max-dead is at least 0"),
    ])
    func aNegativeNumberIsToldWhatItMustBe(arguments: [String], reason: String) async throws {
        let result = try await ToolProcess.runWithoutServer(arguments)
        result.expect(.usage)
        #expect(result.errors.contains(reason))
    }

    @Test func aNewConsumerIsSaidToBeOneAndAStreamThatIsNotThereToBeNone() async throws {
        try await withNamespace { fixture in
            try await fixture.add("1", id: "5-0", to: fixture.keys.stream("products"))
            let new = try await fixture.run("seek", "--stream", "products", "--name", "typo", "--to", "latest")
            #expect(new.output.hasPrefix("products, typo: moved from none (a new consumer) to 5-0: "))
            for flags in [[], ["--shards", "2"]] {
                let missing = try await ToolProcess.run(
                    ["seek", "--stream", "nono", "--name", "indexer", "--to", "latest"] + flags,
                    environment: fixture.toolEnvironment)
                missing.expect(.failed)
                #expect(
                    missing.errors.contains(flags.isEmpty ? "there is no stream nono" : "there is no shard of nono"))
            }
        }
    }

    @Test func aCheckFailsWhereNobodyHasTheName() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.run("inspect-offsets", "--consumer", "indexr", "--max-lag", "0")
            result.expect(.checkFailed)
        }
    }

    @Test func aCheckFailsForAConsumerThatWillNeverRead() async throws {
        try await withNamespace { fixture in
            try await fixture.add("1", id: "5-0", to: fixture.keys.stream("products"))
            try await fixture.gem.commit("9-0", of: "indexer", on: "products")
            let result = try await fixture.run("inspect-offsets", "--max-lag", "0")
            result.expect(.checkFailed)
            #expect(result.errors.contains("products, indexer: ahead"))
        }
    }

    @Test func oneUnreadableOffsetHidesNoOtherAndCanBeForgotten() async throws {
        try await withNamespace { fixture in
            try await fixture.add("1", id: "5-0", to: fixture.keys.stream("products"))
            try await fixture.gem.commit("5-0", of: "indexer", on: "products")
            try await fixture.gem.commit("garbage", of: "broken", on: "products")
            let shown = try await fixture.run("inspect-offsets")
            shown.expect(.done)
            #expect(shown.output.contains("indexer") && shown.output.contains("broken"))
            try await fixture.run("trim", "--expiry", "0s", "--once").expect(.done)
            try await fixture.run("forget", "--stream", "products", "--name", "broken").expect(.done)
            #expect(try await fixture.gem.offset(of: "broken", on: "products") == nil)
        }
    }

    @Test func keptIDsBehindAForeignEntryAreNeverTakenForWritten() async throws {
        try await withNamespace { fixture in
            try await fixture.add("foreign", id: "5-0", to: fixture.keys.stream("products"))
            // A last line without its line feed is sent alone, if the end of the input comes late.
            let records = ["3-0", "4-0", "6-0"].map { #"{"id":"\#($0)","stream":"products","payload":1}"# + "\n" }
            let result = try await ToolProcess(
                ["produce", "--stream", "products", "--records", "--keep-ids"], environment: fixture.toolEnvironment,
                input: .bytes(Array(records.joined().utf8))
            ).result()
            #expect(result.exit != .status(0))
            #expect(try await fixture.ids() == ["5-0", "6-0"])
            #expect(result.errors.contains("produced 1 message to products"), "\(result.errors)")
        }
    }

    @Test func oneHeldDelayerKeepsNoOtherStreamWaiting() async throws {
        try await withNamespace { fixture in
            for stream in ["a", "b"] { try await fixture.gem.delay("1", on: stream) }
            try await fixture.hold(fixture.keys.lock(.delayer(of: "a")))
            try await fixture.run("delay", "--delay", "0s", "--once").expect(.lockHeld)
            #expect(try await fixture.length(fixture.keys.stream("b")) == 1)
        }
    }
}
