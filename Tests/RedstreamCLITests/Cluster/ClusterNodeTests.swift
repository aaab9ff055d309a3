import Redstream
import RedstreamConnection
import TestSupport
import Testing

@testable import RedstreamCLI

/// One node of a cluster that is named as if it were a server of its own.
@Suite(.timeLimit(.minutes(3))) struct ClusterNodeTests {
    @Test(arguments: [
        ["inspect-offsets"], ["inspect-offsets", "-o", "json"], ["inspect-offsets", "--max-lag", "1"],
        ["trim", "--committed", "--once"], ["trim", "--expiry", "1d", "--dry-run"], ["trim", "--expiry", "1d"],
        ["delay", "--delay", "1s", "--once"], ["delay", "--delay", "1s"],
    ])
    func whatLooksForStreamsDoesNotTakeAPartForTheWhole(command: [String]) async throws {
        let cluster = try await RedisCluster.shared
        let address = "127.0.0.1:\(cluster.nodes[0].port ?? 0)"
        let result = try await ToolProcess.run(command + ["--url", "redis://\(address)"])
        result.expect(.failed)
        #expect(result.output.isEmpty)
        #expect(
            result.errors.hasSuffix(
                """
                : \(address) is one node of a cluster, and has only a part of the streams
                hint: --url redis+cluster://\(address) asks all of its nodes\n
                """), "\(result.errors)")
    }

    @Test(arguments: [
        ["produce", "1"], ["consume", "--exit-at-end"], ["consume", "--name", "indexer", "--exit-at-end"],
        ["dead-letters", "list", "--consumer", "indexer"], ["seek", "--name", "indexer", "--to", "latest"],
    ])
    func whatNamesAStreamIsToldToNameTheCluster(command: [String]) async throws {
        try await withClusterStream { stream in
            let owner = try await stream.cluster.redis(for: stream.key, "CLUSTER", "KEYSLOT", stream.key)
            #expect(owner.integer == ClusterSlot(of: stream.key).number)
            var refusals = 0
            for node in stream.cluster.nodes {
                let address = "127.0.0.1:\(node.port ?? 0)"
                let result = try await ToolProcess.run(
                    command + ["--stream", stream.name, "--url", "redis://\(address)"])
                guard result.errors.contains("MOVED ") else { continue }
                refusals += 1
                result.expect(.failed)
                #expect(
                    result.errors.contains(
                        "hint: \(address) is a node of a cluster: --url redis+cluster://\(address)\n"),
                    "\(result.errors)")
            }
            #expect(refusals == stream.cluster.nodes.count - 1)
        }
    }

    @Test func keysOfSeveralSlotsHintAtTheClusterAsWell() async throws {
        let cluster = try await RedisCluster.shared
        for node in cluster.nodes {
            let address = "127.0.0.1:\(node.port ?? 0)"
            let result = try await ToolProcess.run([
                "forget", "--stream", "unbraced", "--name", "indexer", "--url", "redis://\(address)",
            ])
            result.expect(.failed)
            guard result.errors.contains("MOVED") || result.errors.contains("CROSSSLOT") else { continue }
            #expect(result.errors.contains("--url redis+cluster://\(address)"), "\(result.errors)")
        }
    }

    @Test func aClusterOfOneNodeIsTheWhole() async throws {
        try await RedisCluster.with(.init(primaries: 1)) { cluster in
            let url = "redis://127.0.0.1:\(cluster.nodes[0].port ?? 0)"
            try await ToolProcess.run(["produce", "--stream", "{s}", "1", "--url", url]).expect(.done)
            let result = try await ToolProcess.run(["inspect-offsets", "--url", url])
            result.expect(.done)
            #expect(result.output.contains("{s}"))
        }
    }

    @Test func whoMayNotAskHowLargeItIsGetsNoHalfTruth() async throws {
        let cluster = try await RedisCluster.shared
        let node = cluster.nodes[0]
        let user = "u-\(UInt32.random(in: .min ... .max))"
        let connection = try await RedisConnection.connect(to: node.configuration)
        defer { connection.close() }
        let words = AccessRules.inspect.words(in: Keyspace())
        let rights: [any RedisArgument] = ["SETUSER", user, "on", ">\(AccessUser.password)"] + words
        try await connection.call("ACL", rights)
        let address = "127.0.0.1:\(node.port ?? 0)"
        let result = try await ToolProcess.run([
            "inspect-offsets", "--url", "redis://\(user):\(AccessUser.password)@\(address)",
        ])
        try await connection.call("ACL", "DELUSER", user)
        result.expect(.failed)
        #expect(result.errors.contains("is one node of a cluster"), "\(result.errors)")
        #expect(
            result.errors.contains("hint: --url redis+cluster://\(user):password@\(address) asks"), "\(result.errors)")
    }

    @Test func deadLettersOfANameThatCannotBeInAClusterAreRefused() async throws {
        let cluster = try await RedisCluster.shared
        let result = try await ToolProcess.run([
            "dead-letters", "list", "--stream", "products", "--consumer", "indexer", "--url", cluster.url(),
        ])
        result.expect(.usage)
        #expect(result.errors.contains("name it {products}"), "\(result.errors)")
    }
}
