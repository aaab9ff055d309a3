import RedstreamConnection
import TestSupport

@testable import Redstream

/// Runs a test on a server of its own with 12,000 other keys, too many to scan at each look.
func withManyKeys(_ body: (Fixture) async throws -> Void) async throws {
    try await RedisServer.with { server in
        try await withNamespace(on: server) { fixture in
            let script = "for i = 1, 12000 do redis.call('SET', KEYS[1] .. i, i) end"
            try await fixture.redis("EVAL", script, 1, "\(fixture.keys.base):other:")
            try await body(fixture)
        }
    }
}

/// Makes a first look, whose scan is new for an hour, however long the test takes.
@discardableResult
func look(_ fixture: Fixture) async throws -> StreamDirectory {
    let directory = try await fixture.client.directory()
    try await fixture.redis("HSET", fixture.keys.scanRecord, "cost-us", "36000000")
    return directory
}

/// The number of SCANs that the server has run.
func scans(_ fixture: Fixture) async throws -> Int {
    let statistics = try await fixture.redis("INFO", "commandstats").string ?? ""
    guard let start = statistics.firstRange(of: "cmdstat_scan:calls=") else { return 0 }
    return Int(statistics[start.upperBound...].prefix { $0.isNumber }) ?? 0
}
