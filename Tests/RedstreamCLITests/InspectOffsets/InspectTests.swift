import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// The formats and limits of `inspect-offsets`.
@Suite struct InspectTests {
    private func prepare(_ fixture: Fixture) async throws {
        let key = fixture.keys.stream("products")
        try await fixture.add(numbered: 1...5, to: key)
        try await fixture.setOffset("3-0")
    }

    @Test func theTableHasARowForEachConsumerAndEachStream() async throws {
        try await withNamespace { fixture in
            try await prepare(fixture)
            let result = try await fixture.run("inspect-offsets")
            result.expect(.done)
            #expect(result.errors.isEmpty)
            let words = result.lines.map { $0.split(separator: " ").map(String.init) }
            #expect(words.count == 4)
            #expect(
                words[0] == [
                    "STREAM", "CONSUMER", "COMMITTED", "LAST", "LAG", "BEHIND", "HOLDER", "LEASE", "VERDICT",
                ])
            #expect(words[1].prefix(5) == ["products", "indexer", "3-0", "5-0", "2"])
            #expect(words[1].suffix(3) == ["-", "-", "stopped"])
            #expect(words[2].prefix(5) == ["STREAM", "LENGTH", "FIRST", "LAST", "MEMORY"])
            #expect(words[3].prefix(4) == ["products", "5", "1-0", "5-0"])
            #expect(words[3].suffix(4) == ["-", "-", "-", "-"])
        }
    }

    @Test func theJSONDocumentHasStableKeysAndNullForTheUnknown() async throws {
        try await withNamespace { fixture in
            try await prepare(fixture)
            let result = try await fixture.run("inspect-offsets", "-o", "json")
            result.expect(.done)
            #expect(
                result.output.replacing(/"(time_ms|behind_ms|memory_bytes|directory_age_ms)":\d+/) { #""\#($0.1)":N"# }
                    == #"""
                    {"time_ms":N,"consumers":[{"stream":"products","consumer":"indexer","committed":"3-0",\#
                    "last":"5-0","lag":2,"lag_is_bounded":false,"behind_ms":N,"holder":null,"lease_ms":null,\#
                    "dead_letters":0,"verdict":"stopped"}],"streams":[{"stream":"products","length":5,"first":"1-0",\#
                    "last":"5-0","memory_bytes":N,"delay":null}],"ambiguous":[],"shards":null,\#
                    "directory_age_ms":N}

                    """#)
        }
    }

    @Test func aStreamThatDoesNotExistIsNullAndNotZero() async throws {
        try await withNamespace { fixture in
            try await fixture.setOffset("3-0")
            let document = try await fixture.run("inspect-offsets", "--stream", "products", "-o", "json")
                .output
            #expect(
                document.contains(
                    #""last":null,"lag":null,"lag_is_bounded":null,"behind_ms":null,"holder":null,"lease_ms":null,"dead_letters":0,"verdict":"orphan""#
                ))
            #expect(
                document.contains(
                    #"{"stream":"products","length":null,"first":null,"last":null,"memory_bytes":null,"delay":null}"#
                ))
        }
    }

    @Test func nothingAtAllIsSaidInWordsAndAsEmptyLists() async throws {
        try await withNamespace { fixture in
            #expect(try await fixture.run("inspect-offsets").output.hasPrefix("nothing at unix:///"))
            let document = try await fixture.run("inspect-offsets", "-o", "json").output
            #expect(document.contains(#""consumers":[],"streams":[],"ambiguous":[]"#))
        }
    }

    @Test func metricsAreInTheFormatOfPrometheus() async throws {
        try await withNamespace { fixture in
            try await prepare(fixture)
            let result = try await fixture.run("inspect-offsets", "-o", "prometheus")
            result.expect(.done)
            #expect(
                result.lines.contains(
                    #"redstream_consumer_lag{stream="products",consumer="indexer",namespace="\#(fixture.namespace)"} 2"#
                ))
            #expect(
                result.lines.contains(
                    #"redstream_stream_length{stream="products",namespace="\#(fixture.namespace)"} 5"#))
            let verdicts = result.lines.filter { $0.hasPrefix("redstream_consumer_verdict") }
            #expect(verdicts.count == Verdict.allCases.count)
            #expect(verdicts.filter { $0.hasSuffix(" 1") }.count == 1)
            #expect(
                result.lines.allSatisfy {
                    $0.hasPrefix("# ") || $0.wholeMatch(of: /[a-z_]+\{.*\} [0-9.e+-]+/) != nil
                })
        }
    }

    @Test func delayStreamsShowWhatIsDueAndWhenTheNextIs() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.delayStream("products")
            try await fixture.add(numbered: 1...2, to: key)
            try await fixture.add("young", to: key)
            func delay(_ arguments: String...) async throws -> String {
                let document = try await ToolProcess(
                    ["inspect-offsets", "-o", "json"] + arguments, environment: fixture.toolEnvironment
                ).result().output
                return String(document.split(separator: #""delay":"#).last ?? "")
            }
            #expect(
                try await delay().hasPrefix(
                    #"{"length":3,"delay_ms":null,"due":null,"due_is_bounded":null,"next_due_ms":null,"overdue_ms":null}"#
                ))
            let assumed = try await delay("--delay", "1h")
            #expect(
                assumed.hasPrefix(
                    #"{"length":3,"delay_ms":3600000,"due":2,"due_is_bounded":false,"next_due_ms":35"#))
            try await fixture.redis("SET", fixture.keys.delay("products"), "7200000")
            #expect(try await delay("--delay", "1h").hasPrefix(#"{"length":3,"delay_ms":7200000,"due":2,"#))
        }
    }

    @Test func countingEndsAtABoundThatIsShown() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...10_005, to: fixture.keys.stream("products"))
            try await fixture.setOffset("1-0", of: "a")
            try await fixture.setOffset("5-0", of: "b")
            let all = try await fixture.run("inspect-offsets").output
            #expect(all.count(of: " 1,000+ ") == 2)
            let table = try await fixture.run("inspect-offsets", "--stream", "products").output
            #expect(table.contains(" 10,000+ "))
            #expect(table.contains(" 10,000 "))
            let document = try await fixture.run(
                "inspect-offsets", "--stream", "products", "-o", "json"
            ).output
            #expect(document.count(of: #""lag":10000,"lag_is_bounded":true"#) == 1)
            #expect(document.count(of: #""lag":10000,"lag_is_bounded":false"#) == 1)
            // A limit is counted up to.
            let check = try await fixture.run("inspect-offsets", "--max-lag", "10003")
            check.expect(.checkFailed)
            #expect(check.errors == "redstream: products, a: lag 10,003+ is over 10,003\n")
            try await fixture.run("inspect-offsets", "--max-lag", "10004").expect(.done)
        }
    }

    @Test func aBreachExitsWith2AndHasALineOfItsOwn() async throws {
        try await withNamespace { fixture in
            try await prepare(fixture)
            try await fixture.setOffset("5-0", of: "other")
            let result = try await fixture.run("inspect-offsets", "--max-lag", "1", "--max-behind", "5m")
            result.expect(.checkFailed)
            #expect(result.errorLines.count == 2)
            #expect(result.errorLines.line(0) == "redstream: products, indexer: lag 2 is over 1")
            #expect(result.errorLines.line(1).hasPrefix("redstream: products, indexer: "))
            #expect(result.errorLines.line(1).hasSuffix(" behind is over 5m"))
            #expect(result.output.contains("VERDICT"))
            try await fixture.run("inspect-offsets", "--max-lag", "2").expect(.done)
            try await fixture.run("inspect-offsets", "--consumer", "other", "--max-lag", "0").expect(.done)
        }
    }

    @Test func aLookCanBeNarrowed() async throws {
        try await withNamespace { fixture in
            for (stream, name) in [("a", "x"), ("a", "y"), ("b", "x")] {
                try await fixture.add(to: fixture.keys.stream(stream))
                try await fixture.setOffset("0-0", of: name, on: stream)
            }
            func rows(_ arguments: String...) async throws -> [String] {
                let result = try await ToolProcess(
                    ["inspect-offsets"] + arguments, environment: fixture.toolEnvironment
                ).result()
                return result.lines.filter { $0.contains("stopped") }.map {
                    $0.split(separator: " ").prefix(2).joined(separator: " ")
                }
            }
            #expect(try await rows() == ["a x", "a y", "b x"])
            #expect(try await rows("--stream", "a") == ["a x", "a y"])
            #expect(try await rows("--consumer", "x") == ["a x", "b x"])
            #expect(try await rows("--stream", "b", "--consumer", "y") == [])
        }
    }

    @Test func aNameThatCouldMeanSeveralConsumersIsSaidAndSettled() async throws {
        try await withNamespace { fixture in
            try await fixture.add(to: fixture.keys.stream("a"))
            try await fixture.add(to: fixture.keys.stream("a:b"))
            try await fixture.setOffset("0-0", of: "b:c", on: "a")
            let result = try await fixture.run("inspect-offsets")
            result.expect(.done)
            #expect(result.errors.contains("the offset or lock a:b:c may be that of "))
            #expect(result.errors.contains("b:c of a") && result.errors.contains("c of a:b"))
            #expect(!result.output.contains("VERDICT"))
            let settled = try await fixture.run("inspect-offsets", "--stream", "a:b")
            #expect(settled.output.contains("a:b     c "), "\(settled.output)")
        }
    }

    @Test func watchingLooksAgainAndAgainUntilItIsStopped() async throws {
        try await withNamespace { fixture in
            try await prepare(fixture)
            let tool = try fixture.tool("inspect-offsets", "--watch=100ms", "-o", "json")
            let first = try await tool.nextLine()
            #expect(first?.contains(#""committed":"3-0""#) == true)
            try await fixture.setOffset("4-0")
            try await eventually("the new offset is shown") {
                try await tool.nextLine()?.contains(#""committed":"4-0""#) == true
            }
            tool.signal(SIGINT)
            try await tool.result().expect(.done)
        }
    }

    @Test(arguments: [
        (["--watch=5"], "--watch: it has no unit"), (["--watch", "5"], "--watch: it has no unit"),
        (["--watch=garbage", "--stream", "p"], "--watch: "), (["--watch=1ms", "-o", "json"], "at least 100ms"),
        (["--stream", "p", "--watch=1ms"], "at least 100ms"), (["--watch", "1ms", "--stream", "p"], "at least 100ms"),
        (["--watch=1ms"], "at least 100ms"), (["--watch", "--max-lag", "1"], "leave out --watch"),
        (["--max-lag", "-1"], "--max-lag"), (["--max-behind", "5"], "it has no unit"), (["-o", "xml"], "-o"),
    ])
    func optionsThatDoNotFitAreWrongUsage(arguments: [String], reason: String) async throws {
        let result = try await ToolProcess.runWithoutServer(["inspect-offsets"] + arguments)
        result.expect(.usage)
        #expect(result.errors.contains(reason), "\(result.errors)")
    }
}
