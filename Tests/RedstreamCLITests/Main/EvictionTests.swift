import Redstream
import RedstreamConnection
import TestSupport
import Testing

@testable import RedstreamCLI

/// Services on a server that may evict what they rely on.
@Suite(.timeLimit(.minutes(3))) struct EvictionTests {
    private static let services = [
        ["consume", "--stream", "products", "--name", "indexer", "--exec", "true"],
        ["consume", "--stream", "products", "--shards", "2", "--name", "indexer", "--exec", "true"],
        ["delay", "--stream", "products", "--delay", "1s"],
        ["trim", "--stream", "products", "--expiry", "1d"],
    ]

    private func withServer(
        policy: String, users: [String] = [], _ body: (Fixture) async throws -> Void
    ) async throws {
        let lines = ["maxmemory 1gb", "maxmemory-policy \(policy)"]
        try await RedisServer.with(.init(users: users, lines: lines)) { server in
            try await withNamespace(on: server) { fixture in try await body(fixture) }
        }
    }

    /// Runs a service until it holds its lock, and returns what it said by then.
    private func errors(of service: [String], in fixture: Fixture, url: String? = nil) async throws -> String {
        let environment = fixture.toolEnvironment.merging(["REDSTREAM_URL": url ?? fixture.server.url]) { $1 }
        let tool = try ToolProcess(service, environment: environment)
        try await eventually("\(service) has taken a lock") {
            if tool.exit != nil { return true }
            // A trimmer holds its lock for the moment of a pass only; its mark is there as long as the stream is.
            let pattern = "\(fixture.namespace):redstream:*"
            let keys = try await fixture.redis("KEYS", pattern).elements.compactMap(\.string)
            return keys.contains { $0.contains(":lock:") || $0.contains(":trimmed:") }
        }
        tool.signal(15)
        let result = try await tool.result()
        result.expect(.done)
        try await fixture.redis("FLUSHDB")
        return result.errors
    }

    @Test(arguments: [
        ("allkeys-lru", "it can evict streams, offsets and locks"),
        ("volatile-ttl", "it can evict locks, and two processes can hold one then"),
    ])
    func eachServiceWarnsOfThePolicyOnceWhenItStarts(policy: String, danger: String) async throws {
        try await withServer(policy: policy) { fixture in
            for service in Self.services {
                try await fixture.add(id: "1-0", to: fixture.keys.stream("products"))
                let errors = try await errors(of: service, in: fixture)
                let warning = "the server's maxmemory-policy is \(policy): \(danger); set it to noeviction\n"
                #expect(errors.count(of: warning) == 1, "\(service): \(errors)")
            }
        }
    }

    @Test func aServerThatEvictsNothingIsNotSpokenOf() async throws {
        try await withServer(policy: "noeviction") { fixture in
            for service in Self.services {
                try await fixture.add(id: "1-0", to: fixture.keys.stream("products"))
                #expect(try await errors(of: service, in: fixture).count(of: "maxmemory") == 0)
            }
        }
    }

    @Test func aUserWhoMayNotAskIsServedAllTheSame() async throws {
        let users = ["few on >s3kret ~* &* +@all -info -config -memory -client"]
        try await withServer(policy: "allkeys-lru", users: users) { fixture in
            for service in Self.services {
                try await fixture.add(id: "1-0", to: fixture.keys.stream("products"))
                let url = "unix://few:s3kret@\(fixture.server.socketPath)"
                let errors = try await errors(of: service, in: fixture, url: url)
                #expect(errors.count(of: "maxmemory") == 0, "\(service): \(errors)")
                #expect(errors.count(of: "NOPERM") == 0, "\(service): \(errors)")
            }
        }
    }
}
