import Redstream
import RedstreamConnection
import TestSupport
import Testing

@testable import RedstreamCLI

/// The report of `produce`.
@Suite struct ProduceReportTests {
    @Test func theJSONReportIsOneDocumentWithStableKeys() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.run("produce", "--stream", "products", "-o", "json", "1", "2")
            result.expect(.done)
            let last = try #require(try await fixture.ids().last)
            #expect(
                result.output
                    == #"{"stream":"products","produced":2,"last_id":"\#(last)","possibly_doubled":0,"under_replicated":0,"skipped":0}"#
                    + "\n")
        }
    }

    @Test func theLastIDOfNothingIsNull() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.run("produce", "--stream", "products", "-o", "json")
            #expect(result.output.contains(#""produced":0,"last_id":null"#))
        }
    }

    @Test func eachIDIsPrintedAndTheReportGoesToStandardError() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.run(
                "produce", "--stream", "products", "--print-ids", "1", "2", "3")
            result.expect(.done)
            #expect(try await result.lines == fixture.ids())
            #expect(result.errors.hasPrefix("produced 3 messages to products"))
        }
    }

    @Test func reportCountsTheStreamWhenTheIDReaderIsGone() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.shell(
                #"i=0; while [ $i -lt 40000 ]; do echo $i; i=$((i + 1)); done | "$REDSTREAM" produce --stream products --print-ids | head -1"#
            ).result()
            #expect(result.lines.count == 1)
            let ids = try await fixture.ids()
            let last = try #require(ids.last)
            #expect(ids.count < 40_000)
            #expect(result.errors.contains("produced \(ids.count.grouped) messages to products, last id \(last)\n"))
            #expect(result.errors.contains("nobody reads the ids any more: the rest of the input is not written\n"))
        }
    }

    @Test func aRefusedLineLeavesTheJSONReportOnStandardOutput() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.run(
                "produce", "--stream", "products", "-o", "json", input: .text("1\n{\n2\n"))
            result.expect(.badData)
            #expect(try result.json()["produced"] == "1")
            #expect(result.errors.hasPrefix("redstream: line 2 is not JSON"))
        }
    }

    @Test func tooFewReplicasIsAnErrorThatSaysWhatIsWritten() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.run(
                "produce", "--stream", "products", "--wait-replicas", "1", "--wait-timeout", "50ms", "-o", "json", "1",
                "2")
            result.expect(.failed)
            #expect(result.errors.contains("2 messages are written, but 0 of 1 replicas acknowledged them"))
            #expect(try result.json()["produced"] == "0")
            #expect(try result.json()["under_replicated"] == "2")
            #expect(try await fixture.payloads() == ["1", "2"])
        }
    }

    @Test func noIDIsPrintedBeforeTheReplicasHaveItsEntry() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.run(
                "produce", "--stream", "products", "--wait-replicas", "1", "--wait-timeout", "50ms", "--print-ids", "1",
                "2")
            result.expect(.failed)
            #expect(result.output == "")
            #expect(try await fixture.payloads() == ["1", "2"])
        }
    }

    @Test func whatAServerTookThatIsNoPrimaryAnyMoreIsNotAcknowledged() async throws {
        // It takes entries, as a primary that is being replaced does, and cannot wait for replicas.
        let lines = ["replicaof 127.0.0.1 \(try freePort())", "replica-read-only no"]
        try await RedisServer.with(.init(lines: lines)) { server in
            let result = try await ToolProcess.run(
                [
                    "produce", "--url", server.url, "--stream", "products", "--retry-for", "200ms", "--wait-replicas",
                    "1", "--print-ids", "1",
                ])
            result.expect(.unreachable)
            #expect(result.output == "")
            #expect(result.errors.contains("ERR WAIT cannot be used with replica instances"))
        }
    }

    @Test func aRefusalLeavesNoReportOfNothing() async throws {
        try await RedisServer.with(.init(listensOnTCP: true, password: "secret")) { server in
            // Nothing listens on the first port; the server refuses those without a password.
            let refusing: [(port: Int, code: RedstreamCLI.ExitCode)] = [
                (try freePort(), .unreachable), (server.port ?? 0, .failed),
            ]
            for (port, code) in refusing {
                let result = try await ToolProcess.run([
                    "produce", "--url", "redis://127.0.0.1:\(port)", "--stream", "products", "--retry-for", "0s", "1",
                ])
                result.expect(code)
                #expect(!(result.output + result.errors).contains("produced"), "\(result.errors)")
            }
        }
    }

    @Test func aKeyOfAnotherTypeIsASentence() async throws {
        try await withNamespace { fixture in
            try await fixture.redis("SET", fixture.keys.stream("products"), "text")
            let result = try await fixture.run("produce", "--stream", "products", "1")
            result.expect(.failed)
            #expect(result.errors.contains("redstream: cannot produce: WRONGTYPE"))
            #expect(result.errors.contains("hint: a key of this name is of another type"))
            #expect(!result.errors.contains("produced"))
        }
    }

    @Test func aFullServerIsWaitedForAndThenAFailure() async throws {
        try await RedisServer.with(.init(lines: ["maxmemory 1"])) { server in
            let result = try await ToolProcess.run(
                ["produce", "--url", server.url, "--stream", "products", "--retry-for", "200ms", "1"])
            result.expect(.failed)
            #expect(result.errors.contains("hint: the server is at its maxmemory"))
            #expect(!result.errors.contains("produced"))
        }
    }

    @Test func controlCharactersInAStreamNameAreShownEscaped() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.run("produce", "--stream", "a\u{1b}[2Jb", "1")
            result.expect(.done)
            #expect(result.output.contains(#"a\x1b[2Jb"#))
            #expect(!result.outputBytes.contains(0x1b))
        }
    }
}
