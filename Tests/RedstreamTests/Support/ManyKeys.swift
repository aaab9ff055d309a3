import Redstream
import TestSupport

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
