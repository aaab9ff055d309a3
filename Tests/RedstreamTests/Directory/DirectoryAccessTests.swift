import RedstreamConnection
import Synchronization
import TestSupport
import Testing

@testable import Redstream

/// Users who have no right to the index, or to a part of it.
@Suite(.timeLimit(.minutes(3))) struct DirectoryAccessTests {
    private let indexer = ConsumerName(stream: "products", name: "indexer")
    private let consumerRights = [
        "+del", "+eval", "+evalsha", "+exists", "+get", "+pexpire", "+rpush", "+script|load", "+set", "+time",
        "+xinfo|stream", "+xread",
    ]

    /// Runs a test with a user who has some rights.
    private func withUser(
        _ rights: [String], keys: [String], _ body: (Fixture, StreamClient) async throws -> Void
    ) async throws {
        try await withManyKeys { fixture in
            let words = ["SETUSER", "worker", "on", ">secret"] + keys.map { "~\(fixture.keys.base):\($0)" } + rights
            _ = try await fixture.client.pool.withConnection(for: nil) { try await $0.call("ACL", words) }
            let client = fixture.makeClient {
                $0.username = "worker"
                $0.password = Secret("secret")
            }
            defer { client.pool.close() }
            try await body(fixture, client)
        }
    }

    private func consume(_ client: StreamClient) async throws {
        _ = try await Consumer(client, stream: "products", name: "indexer") { _ in }.runOnce()
    }

    @Test(arguments: [["stream:*", "offset:*", "lock:consumer:*"], ["*"]])
    func consumerGoesOnWithoutTheRightToRegister(keys: [String]) async throws {
        try await withUser(consumerRights, keys: keys) { fixture, client in
            try await fixture.add(to: fixture.keys.stream("products"))
            try await consume(client)
            try await consume(client)
            #expect(try await fixture.client.offset(of: indexer) > .zero)
            let mayNotRegister = client.mayNotRegister.load(ordering: .relaxed)
            #expect(mayNotRegister)
            #expect(try await fixture.client.directory().consumers == [indexer])
        }
    }

    @Test func aStreamlessOffsetIsFoundWithoutTheRightToTypes() async throws {
        try await withUser(["+scan"], keys: ["*"]) { fixture, client in
            try await fixture.redis("SET", fixture.keys.offset(indexer), "0-0")
            #expect(try await client.directory().consumers == [indexer])
        }
    }

    @Test func namesAreFoundWithoutTheRightToWriteThem() async throws {
        let rights = ["+scan", "+type", "+info", "+time", "+hgetall", "+zrange"]
        try await withUser(rights, keys: ["*"]) { fixture, client in
            try await fixture.add(to: fixture.keys.stream("products"))
            #expect(try await client.directory().streams == ["products"])
            #expect(try await client.directory(for: .service).streams == ["products"])
            #expect(try await fixture.redis("EXISTS", fixture.keys.scanRecord).integer == 0)
        }
    }

    @Test func aReplicaTakesNoNames() async throws {
        try await withManyKeys { fixture in
            try await fixture.add(to: fixture.keys.stream("products"))
            try await fixture.redis("REPLICAOF", "127.0.0.1", "1")
            let client = fixture.client
            #expect(try await client.directory().streams == ["products"])
            try await fixture.redis("REPLICAOF", "NO", "ONE")
        }
    }
}
