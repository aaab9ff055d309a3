import Redstream
import RedstreamConnection
import TestSupport
import Testing

@testable import RedstreamCLI

/// `produce --records` restores the output of `consume -o json`.
@Suite struct RecordRoundTripTests {
    /// Every entry of a stream as the bytes that XRANGE answers.
    private func bytes(_ fixture: Fixture, _ stream: String) async throws -> [[[UInt8]]] {
        try await fixture.redis("XRANGE", fixture.keys.stream(stream), "-", "+").elements.map { entry in
            ([entry.elements[0]] + entry.elements[1].elements).map { Array($0.bytes ?? []) }
        }
    }

    private func addHostileEntries(_ fixture: Fixture) async throws {
        let key = fixture.keys.stream("products")
        let allBytes = [UInt8](0...255)
        try await fixture.redis("XADD", key, "1-1", "payload", #"{"id": 1.0, "big": 12345678901234567890}"#)
        try await fixture.redis("XADD", key, "1-2", "payload", allBytes)
        try await fixture.redis("XADD", key, "1-3", allBytes, [UInt8](), [UInt8](), "x", "a", "1", "a", "2")
        try await fixture.redis("XADD", key, "2-0", "payload", "not json \u{1b}[2J")
        try await fixture.redis("XADD", key, "2-1", "payload", " {} ")
        try await fixture.redis("XADD", key, "2-2", "payload", "1", "payload", "2")
        try await fixture.redis("XADD", key, "2-3", "payload", #""é\u00e9 \/ \ud83d\ude00""#)
        try await fixture.redis("XADD", key, "2-4", "payload", "{\n}")
        try await fixture.redis("XADD", key, "2-5", "other", "{}")
        try await fixture.redis("XADD", key, "18446744073709551615-18446744073709551614", "payload", "null")
    }

    @Test(arguments: [[], ["--payload-as-string"]])
    func everyByteSurvivesAPipe(flags: [String]) async throws {
        try await withNamespace { fixture in
            try await addHostileEntries(fixture)
            let saved = try await ToolProcess(
                ["consume", "--stream", "products", "--exit-at-end", "-o", "json"] + flags,
                environment: fixture.toolEnvironment
            ).result()
            saved.expect(.done)
            #expect(saved.lines.count == 10)
            let restored = try await fixture.run(
                "produce", "--stream", "copy", "--records", "--keep-ids", input: .bytes(saved.outputBytes))
            restored.expect(.done)
            #expect(try await bytes(fixture, "copy") == bytes(fixture, "products"))
        }
    }

    @Test func aPipeOfTheShellCarriesRecordsOverToo() async throws {
        try await withNamespace { fixture in
            try await addHostileEntries(fixture)
            let shell = try fixture.shell(
                """
                "$REDSTREAM" consume --stream products --exit-at-end |
                    "$REDSTREAM" produce --stream copy --records --keep-ids
                """)
            try await shell.result().expect(.done)
            #expect(try await bytes(fixture, "copy") == bytes(fixture, "products"))
        }
    }

    @Test func withoutKeepIDsTheServerGivesNewOnes() async throws {
        try await withNamespace { fixture in
            let record = #"{ "payload" : {"id":1}, "stream": "elsewhere", "id":"5-0" }"# + "\n"
            try await fixture.run("produce", "--stream", "products", "--records", input: .text(record))
                .expect(.done)
            #expect(try await fixture.payloads() == [#"{"id":1}"#])
            #expect(try await fixture.ids() != ["5-0"])
        }
    }

    @Test(arguments: [
        "{}", "[]", #"{"payload":1,"fields":[["a","b"]]}"#, #"{"fields":[]}"#, "5",
        #"{"fields":[["a",{"base64":"*"}]]}"#,
    ])
    func aLineThatIsNoRecordIsRefused(line: String) async throws {
        try await withNamespace { fixture in
            let result = try await fixture.run("produce", "--stream", "products", "--records", line)
            result.expect(.badData)
            #expect(result.errors.contains("argument 1 is invalid: "))
            #expect(try await fixture.length(fixture.keys.stream("products")) == 0)
        }
    }

    @Test func keptIDsMustBeThere() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.run(
                "produce", "--stream", "products", "--records", "--keep-ids", #"{"payload":1}"#)
            result.expect(.badData)
            #expect(result.errors.contains("the id is missing"))
        }
    }

    @Test func keptIDsThatTheStreamIsPastAreAFailureWithAHint() async throws {
        try await withNamespace { fixture in
            try await fixture.add("1", id: "9-0", to: fixture.keys.stream("products"))
            let result = try await fixture.run(
                "produce", "--stream", "products", "--records", "--keep-ids", #"{"id":"5-0","payload":1}"#)
            result.expect(.failed)
            #expect(result.errors.contains("equal or smaller"))
            #expect(result.errors.contains("hint: "))
            #expect(try await fixture.ids() == ["9-0"])
        }
    }

    @Test func recordThatBecomesAPayloadIsSaidOnce() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...2, to: fixture.keys.stream("products"))
            let saved = try await fixture.run("consume", "--stream", "products", "--exit-at-end", "-o", "json").output
            for options in [[], ["--delayed"], ["--around", "true"]] {
                let result = try await ToolProcess.run(
                    ["produce", "--stream", "products"] + options, environment: fixture.toolEnvironment,
                    input: .text(saved))
                result.expect(.done)
                let said = "is a record as consume -o json prints it, and is written as a payload\nhint: --records"
                #expect(result.errors.count(of: said) == 1, "\(result.errors)")
            }
            for payload in [#"{"id":"1-0","payload":{}}"#, #"{"id":1,"stream":"s","payload":1}"#, "1"] {
                #expect(try await fixture.run("produce", "--stream", "products", payload).errors.isEmpty)
            }
        }
    }
}
