import RedstreamConnection
import TestSupport
import Testing

@testable import Redstream
@testable import RedstreamCLI

/// The text of metrics, as Prometheus itself reads it.
@Suite struct PrometheusTests {
    private static let promtool: String? = [
        "/usr/bin/promtool", "/usr/local/bin/promtool", "/opt/homebrew/bin/promtool",
    ].first {
        (try? ToolProcess(["--version"], program: $0)) != nil
    }

    @Test(.enabled(if: promtool != nil, "promtool is not installed"))
    func promtoolTakesWhateverTheNamesAre() async throws {
        try await withNamespace { fixture in
            let names = [
                "q\"\u{301}", "a\\", "b\nc", "d\r\ne", "\u{301}f", #"caf\xe9"#, "é", "e\u{301}", "x{y=\"z\"} 1",
            ]
            for name in names {
                try await fixture.add(numbered: 1...2, to: fixture.keys.stream(name))
                try await fixture.redis("SET", fixture.keys.offset(ConsumerName(stream: name, name: name)), "1-0")
            }
            var metrics = ""
            for namespace in [fixture.namespace, "\(fixture.namespace):redstream:n\"\u{301}"] {
                try await fixture.run("produce", "--namespace", namespace, "--stream", names[0], "1").expect(.done)
                let result = try await fixture.run(
                    "inspect-offsets", "--namespace", namespace, "--stream", names[0], "-o", "prometheus")
                result.expect(.done)
                metrics = result.output
                let checked = try await ToolProcess(
                    ["check", "metrics"], input: .text(metrics), program: Self.promtool
                ).result()
                #expect(checked.exit == .status(0), "\(checked.output)\(checked.errors)\n\(metrics)")
            }
            let all = try await fixture.run("inspect-offsets", "-o", "prometheus")
            let checked = try await ToolProcess(
                ["check", "metrics"], input: .text(all.output), program: Self.promtool
            ).result()
            #expect(checked.exit == .status(0), "\(checked.output)\(checked.errors)\n\(all.output)")
            let series = all.output.unicodeScalars.split(separator: "\n").map { Array($0.map(\.value)) }
            #expect(Set(series).count == series.count)
        }
    }

    @Test func namespacesAreDifferentSeries() async throws {
        try await withNamespace { fixture in
            var lines: [String] = []
            for name in ["a", "b"] {
                let namespace = "\(fixture.namespace):redstream:\(name)"
                try await fixture.run("produce", "--namespace", namespace, "--stream", "s", "1").expect(.done)
                lines += try await fixture.run("inspect-offsets", "--namespace", namespace, "-o", "prometheus").lines
            }
            let lengths = lines.filter { $0.hasPrefix("redstream_stream_length{") }
            #expect(Set(lengths).count == 2, "\(lengths)")
            #expect(lengths.allSatisfy { $0.contains("namespace=\"") })
        }
    }

    @Test func tellsTheAgeOfTheNames() {
        var report = StatusReport(time: 0, streams: [], consumers: [], ambiguous: [:])
        report.directoryAge = .seconds(90)
        #expect(StatusMetrics(namespace: nil).text(of: report).hasSuffix("\nredstream_directory_age_seconds 90"))
        let named = StatusMetrics(namespace: "shop").text(of: report)
        #expect(named.hasSuffix("\nredstream_directory_age_seconds{namespace=\"shop\"} 90"))
    }

    @Test func withoutANamespaceTheSeriesAreWhatTheyWere() {
        let report = StatusReport(
            time: 0, streams: [StreamStatus(stream: "s", length: 1)], consumers: [], ambiguous: [:])
        #expect(StatusMetrics(namespace: nil).text(of: report).hasSuffix("\nredstream_stream_length{stream=\"s\"} 1"))
    }
}
