import Redstream
import TestSupport
import Testing

@testable import RedstreamCLI

/// The conditions at which the shell's `watch` ends: what lets a script go on, and what must not.
@Suite struct WatchGateTests {
    /// The stream `products` with five entries, and its consumer `indexer`, which has read three.
    private func prepared(_ body: (Fixture) async throws -> Void) async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...5, to: fixture.keys.stream("products"))
            try await fixture.setOffset("3-0")
            try await body(fixture)
        }
    }

    private func shell(_ fixture: Fixture, _ commands: String...) async throws -> ToolProcess.Result {
        try await ToolProcess.run(
            ["shell"] + commands.flatMap { ["-c", $0] }, environment: fixture.toolEnvironment)
    }

    @Test(arguments: [
        ("watch --until-no-lag 10ms inspect-offsets --consumer indxer", "did you mean indexer?"),
        ("watch --until-no-lag 10ms inspect-offsets --stream prodcts", "did you mean products?"),
        ("watch --until-no-lag 10ms inspect-offsets --stream products --consumer zz", "no consumer zz of products"),
        ("watch --until-no-lag 10ms inspect-offsets --namespace zz", "there are no consumers to check"),
        ("watch --until-empty 10ms consume --stream prodcts --exit-at-end", "did you mean products?"),
        ("watch --until-empty 10ms XLEN zz", "there is no stream at the key zz"),
        ("watch --until-empty 10ms XRANGE zz - +", "there is no stream at the key zz"),
    ])
    func unknownNameDoesNotPass(command: String, said: String) async throws {
        try await prepared { fixture in
            let result = try await shell(fixture, command)
            result.expect(.checkFailed)
            #expect(result.errors.contains(said), "\(result.errors)")
        }
    }

    @Test func unknownStreamInUseDoesNotPass() async throws {
        try await prepared { fixture in
            let result = try await shell(fixture, "use prodcts", "watch --until-no-lag 10ms PING")
            result.expect(.checkFailed)
            #expect(result.errors.contains("did you mean products?"))
        }
    }

    @Test func emptyNamespaceDoesNotPass() async throws {
        try await withNamespace { fixture in
            let result = try await shell(fixture, "watch --until-no-lag 10ms PING")
            result.expect(.checkFailed)
            #expect(result.errors.contains("there are no consumers to check"))
        }
    }

    @Test(arguments: ["9-0", "0-0"])
    func offsetAheadOrBehindAGapDoesNotPass(offset: String) async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...2, to: fixture.keys.stream("products"))
            try await fixture.redis("XTRIM", fixture.keys.stream("products"), "MAXLEN", 0)
            try await fixture.redis("SET", fixture.keys.trimMark("products"), "2-0")
            try await fixture.setOffset(offset)
            let result = try await shell(fixture, "watch --until-no-lag --timeout 30ms 10ms PING")
            result.expect(.checkFailed)
            #expect(result.errors.contains("products, indexer: \(offset == "0-0" ? "gap" : "ahead")\n"))
        }
    }

    @Test func gateIsAboutWhatTheCommandIsNarrowedTo() async throws {
        try await prepared { fixture in
            try await fixture.setOffset("5-0", of: "cacher")
            try await shell(fixture, "watch --until-no-lag 10ms inspect-offsets --consumer cacher").expect(.done)
            let all = try await shell(fixture, "watch --until-no-lag --timeout 30ms 10ms inspect-offsets")
            all.expect(.checkFailed)
        }
    }

    @Test func timeLimitNamesEachThatIsBehind() async throws {
        try await prepared { fixture in
            try await fixture.setOffset("5-0", of: "cacher")
            try await fixture.setOffset("1-0", of: "mailer")
            // The interval is longer than the limit: the last look is at its end.
            let result = try await shell(fixture, "watch 1h --timeout=50ms --until-no-lag PING")
            result.expect(.checkFailed)
            #expect(
                result.errorLines.prefix(3) == [
                    "redstream: products, indexer: lag 2 is over 0", "redstream: products, mailer: lag 4 is over 0",
                    "redstream: still behind after 50ms",
                ])
            #expect(result.lines.allSatisfy { $0 == "PONG" })
        }
    }

    @Test func timeLimitEndsACommandThatWaits() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.base + ":nothing"
            let result = try await shell(fixture, "watch --until-empty --timeout 50ms 10ms BLPOP \(key) 0")
            result.expect(.checkFailed)
            #expect(result.errors.contains("redstream: the output is not empty after 50ms\n"))
        }
    }

    @Test(arguments: [
        ("watch --until-no-lag --until-empty 1s PING", "give one"), ("watch --timeout 1s 1s PING", "add one"),
        ("watch --until-no-lag --timeout 5 1s PING", "it has no unit"),
        ("watch --until-no-lag 1s --timeout= PING", "it is empty"),
    ])
    func optionsThatDoNotFitAreWrongUsage(command: String, said: String) async throws {
        try await withNamespace { fixture in
            let result = try await shell(fixture, command)
            result.expect(.usage)
            #expect(result.errors.contains(said), "\(result.errors)")
        }
    }
}
