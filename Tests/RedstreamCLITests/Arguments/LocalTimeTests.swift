import Redstream
import TestSupport
import Testing

@testable import RedstreamCLI

/// Resolving times without a zone: by the tool as it runs, since the zone belongs to a process.
struct LocalTimeTests {
    /// Central European time by rule, so that no zone files are needed.
    private static let berlin = "CET-1CEST,M3.5.0,M10.5.0/3"

    @Test(arguments: [
        ("2026-11-23T11:00:00", berlin, 1_795_428_000_000), ("2026-07-23T12:00:00", berlin, 1_784_800_800_000),
        ("2026-11-23", "EST5", 1_795_410_000_000), ("2026-11-23T10:00", "UTC0", 1_795_428_000_000),
        // The last second before clocks are set forward, and the first after it.
        ("2026-03-29T01:59:59", berlin, 1_774_745_999_000), ("2026-03-29T03:00:00", berlin, 1_774_746_000_000),
        // Of the two times there are when clocks are set back, the earlier.
        ("2026-10-25T02:30:00", berlin, 1_792_888_200_000),
    ])
    func followsTheZoneThatTheEnvironmentNames(text: String, zone: String, milliseconds: Int) async throws {
        try await withNamespace { fixture in
            try await fixture.add(to: fixture.keys.stream("products"))
            let result = try await fixture.run(
                "seek", "--stream", "products", "--name", "n", "--to", text, "--dry-run", "-o", "json",
                environment: ["TZ": zone])
            result.expect(.done)
            #expect(result.output.contains(#""offset":"\#(milliseconds - 1)-"#), "\(result.output)")
        }
    }

    @Test func refusesTimesThatClocksSkip() async throws {
        let result = try await ToolProcess.run(
            ["seek", "--stream", "products", "--name", "n", "--to", "2026-03-29T02:30:00"],
            environment: ["TZ": Self.berlin])
        result.expect(.usage)
    }
}
