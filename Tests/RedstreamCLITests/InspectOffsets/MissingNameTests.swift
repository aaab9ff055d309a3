import Redstream
import TestSupport
import Testing

@testable import RedstreamCLI

/// Names that do not exist, and looks that find nothing: what `inspect-offsets` says of them, and how it ends.
@Suite struct MissingNameTests {
    /// The stream `products` with five entries, and its consumer `indexer`, which has read three.
    private func prepared(_ body: (Fixture) async throws -> Void) async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...5, to: fixture.keys.stream("products"))
            try await fixture.setOffset("3-0")
            try await body(fixture)
        }
    }

    private func place(_ fixture: Fixture) -> String {
        "unix://\(fixture.server.socketPath), db 0, namespace \(fixture.namespace)"
    }

    @Test(
        arguments: [
            (["--stream", "prodcts"], "there is no stream prodcts at ", "did you mean products?"),
            (["--consumer", "indxer"], "there is no consumer indxer at ", "did you mean indexer?"),
            (
                ["--stream", "products", "--consumer", "indxer"], "there is no consumer indxer of products at ",
                "did you mean indexer?"
            ),
            (
                ["--stream", "zz", "--consumer", "indexer"], "there is no stream zz at ",
                "redstream inspect-offsets lists"
            ),
            (["--stream", "zz", "--shards", "2"], "there is no shard of zz at ", "redstream inspect-offsets lists"),
        ], [[], ["--max-lag", "9"], ["--max-behind", "1000d"], ["--max-dead", "9"]])
    func unknownNameFailsWithWhatWasMeant(
        names: ([String], String, String), check: [String]
    ) async throws {
        try await prepared { fixture in
            let result = try await ToolProcess.run(
                ["inspect-offsets"] + names.0 + check, environment: fixture.toolEnvironment)
            result.expect(.checkFailed)
            #expect(result.output.isEmpty)
            #expect(result.errorLines.line(0) == "redstream: cannot inspect: \(names.1)\(place(fixture))")
            #expect(result.errorLines.line(1).hasPrefix("hint: \(names.2)"))
        }
    }

    @Test(arguments: ["json", "prometheus"])
    func programsGetTheirDocumentAllTheSame(format: String) async throws {
        try await prepared { fixture in
            let result = try await fixture.run("inspect-offsets", "--stream", "prodcts", "-o", format)
            result.expect(.checkFailed)
            #expect(format == "prometheus" || result.output.contains(#""consumers":[]"#))
            #expect(result.errors.contains("hint: did you mean products?"))
        }
    }

    @Test(arguments: [["--max-lag", "0"], ["--max-behind", "1s"], ["--max-dead", "0"]])
    func checkThatFindsNothingFails(check: [String]) async throws {
        try await withNamespace { fixture in
            let nothing = try await ToolProcess.run(
                ["inspect-offsets"] + check, environment: fixture.toolEnvironment)
            nothing.expect(.checkFailed)
            #expect(nothing.errors.contains("there are no consumers to check at \(place(fixture))"))
            try await fixture.add("1", to: fixture.keys.stream("products"))
            let unread = try await ToolProcess.run(
                ["inspect-offsets", "--stream", "products"] + check, environment: fixture.toolEnvironment)
            unread.expect(.checkFailed)
            #expect(unread.errors.contains("stream products has no consumers to check"))
        }
    }

    @Test func emptyLookSaysWhereItLooked() async throws {
        try await prepared { fixture in
            var other = fixture.toolEnvironment
            other["REDSTREAM_NAMESPACE"] = "\(fixture.namespace)-typo"
            let result = try await ToolProcess.run(["inspect-offsets"], environment: other)
            result.expect(.done)
            #expect(result.output.hasPrefix("nothing at \(place(fixture))-typo"))
            #expect(result.output.contains(". Namespaces here: "))
        }
    }

    @Test func shardsAreNamedForTheirBaseName() async throws {
        try await withNamespace { fixture in
            for shard in 0..<8 { try await fixture.add("1", to: fixture.keys.stream("products-\(shard)")) }
            let result = try await fixture.run("inspect-offsets", "--stream", "products")
            result.expect(.checkFailed)
            #expect(result.errors.hasSuffix("hint: products-0 to products-7 exist: add --shards 8\n"))
            for arguments in [
                ["seek", "--name", "indexer", "--to", "latest"], ["consume", "--exit-at-end"],
                ["trim", "--expiry", "1d", "--once"], ["delay", "--delay", "1s", "--once"],
            ] {
                let words = [arguments[0], "--stream", "products"] + arguments.dropFirst()
                let said = try await ToolProcess.run(words, environment: fixture.toolEnvironment).errors
                #expect(said.contains("products-0 to products-7 exist: add --shards 8"), "\(words): \(said)")
            }
        }
    }

    @Test func tooFewShardsAreSaidAndFailACheck() async throws {
        try await withNamespace { fixture in
            for shard in 0..<8 {
                try await fixture.add("1", id: "1-0", to: fixture.keys.stream("products-\(shard)"))
                try await fixture.setOffset("1-0", on: "products-\(shard)")
            }
            let warning = "redstream: products-4 exists, so products has more than 4 shards: --shards 8\n"
            let look = try await fixture.run("inspect-offsets", "--stream", "products", "--shards", "4")
            look.expect(.done)
            #expect(look.errors == warning)
            let check = try await fixture.run(
                "inspect-offsets", "--stream", "products", "--shards", "4", "--max-lag", "0")
            check.expect(.checkFailed)
            #expect(check.errors == warning)
            try await fixture.run(
                "inspect-offsets", "--stream", "products", "--shards", "8", "--max-lag", "0"
            ).expect(.done)
        }
    }

    @Test func namespacesAreListedUpToAFew() {
        #expect(NameAdvice.namespaces([]) == nil)
        #expect(NameAdvice.namespaces(["", "shop"]) == "namespaces here: (no namespace), shop")
        let many = (1...9).map { "n\($0)" }
        #expect(NameAdvice.namespaces(many) == "namespaces here: n1, n2, n3, n4, n5, n6 and 3 more")
    }

    @Test(arguments: [
        (["p-0", "p-1", "p-7"], 8), (["p-3"], 4), (["p-01", "p-x", "p--1", "q-1", "p"], nil),
        (["p-2024", "p-2025"], nil), (["p-2024", "p-1"], nil), ((0..<100).map { "p-\($0)" }, 100),
    ])
    func shardsAreGuessedFromTheStreams(streams: [String], count: Int?) {
        #expect(ShardGuess(of: "p", among: streams)?.count == count)
    }
}
