import Foundation
import GRDB
import Redstream
import TestSupport
import Testing

/// True if the system tells how much memory a process has needed at most.
private let tellsPeaks = FileManager.default.fileExists(atPath: "/proc/self/status")

@Suite(.timeLimit(.minutes(4))) struct ShopMemoryTests {
    /// A sanitizer is slow, and keeps for long what was freed: under it less is done, and only a leak of all is noticed.
    private let rows = Sanitizer.isOn ? 50_000 : 1_000_000
    private let bound = Sanitizer.isOn ? 512 << 20 : 8 << 20

    @Test(.enabled(if: tellsPeaks)) func memoryOfABulkDoesNotGrowWithItsRows() async throws {
        // A server of its own: two million messages are slow to remove.
        try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                let shop = try ShopProcess(fixture)
                try await shop.run("fill", "0")
                try await DatabaseQueue(path: shop.path("primary")).write { db in
                    try db.execute(
                        sql: """
                            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(rows))
                            INSERT INTO product SELECT i, 'a', 'b', i, 1 FROM n
                            """)
                }
                let small = try await peak(of: try shop.start("reprice", "0", "--from", "\(rows - rows / 10 + 1)"))
                #expect(try await fixture.length(fixture.keys.stream("products")) == rows / 10)
                let large = try await peak(of: try shop.start("reprice", "0"))
                #expect(try await fixture.length(fixture.keys.stream("products")) == rows + rows / 10)
                #expect(try await fixture.length(fixture.keys.delayStream("products")) == rows + rows / 10)
                #expect(large - small < bound, "from \(small >> 10) KiB to \(large >> 10) KiB")
                return ()
            }
        }
    }

    /// The most memory that a process has had resident, in bytes, as it was last seen before its end.
    ///
    /// Not by wait4: what that tells of a child includes the parent, from which it was started.
    private func peak(of process: ToolProcess) async throws -> Int {
        var peak = 0
        try await eventually("the bulk has ended", within: .seconds(120)) {
            peak = max(peak, highWater(of: process.processID) ?? 0)
            return process.exit != nil
        }
        #expect(try await process.result().exit == .status(0))
        return peak
    }

    private func highWater(of process: Int32) -> Int? {
        let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
    }
}
