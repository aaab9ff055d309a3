import Testing

@testable import RedstreamCLI

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// How times without a zone are resolved, in processes of their own, since the zone belongs to a process.
struct LocalTimeTests {
    /// Central European time by rule, so that no zone files are needed.
    private static let berlin = "CET-1CEST,M3.5.0,M10.5.0/3"

    /// Resolves a time with `TZ` set; nil where there is none.
    private static func milliseconds(_ text: String, zone: String) -> UInt64? {
        setenv("TZ", zone, 1)
        guard case .milliseconds(let milliseconds)? = try? PointInTime(text) else { return nil }
        return milliseconds
    }

    @Test func followsTheZoneThatTheEnvironmentNames() async {
        await #expect(processExitsWith: .success) {
            #expect(Self.milliseconds("2026-11-23T11:00:00", zone: Self.berlin) == 1_795_428_000_000)
            #expect(Self.milliseconds("2026-07-23T12:00:00", zone: Self.berlin) == 1_784_800_800_000)
            #expect(Self.milliseconds("2026-11-23", zone: "EST5") == 1_795_410_000_000)
            #expect(Self.milliseconds("2026-11-23T10:00", zone: "UTC0") == 1_795_428_000_000)
        }
    }

    @Test func refusesTimesThatClocksSkip() async {
        await #expect(processExitsWith: .success) {
            #expect(Self.milliseconds("2026-03-29T02:30:00", zone: Self.berlin) == nil)
            #expect(Self.milliseconds("2026-03-29T01:59:59", zone: Self.berlin) == 1_774_745_999_000)
            #expect(Self.milliseconds("2026-03-29T03:00:00", zone: Self.berlin) == 1_774_746_000_000)
        }
    }

    @Test func takesTheEarlierOfTwoTimesWhenClocksAreSetBack() async {
        await #expect(processExitsWith: .success) {
            #expect(Self.milliseconds("2026-10-25T02:30:00", zone: Self.berlin) == 1_792_888_200_000)
            // The same after the C library has last looked at winter.
            #expect(Self.milliseconds("2026-12-25T02:30:00", zone: Self.berlin) == 1_798_162_200_000)
            #expect(Self.milliseconds("2026-10-25T02:30:00", zone: Self.berlin) == 1_792_888_200_000)
        }
    }
}
