import Redstream
import RedstreamConnection
import TestSupport
import Testing

@testable import RedstreamCLI

/// Every command on a cluster of three primaries.
@Suite(.timeLimit(.minutes(3))) struct ClusterToolTests {
    @Test func aStreamInBracesIsWrittenReadSoughtAndTrimmed() async throws {
        try await withClusterStream { stream in
            let name = stream.name
            try await stream.run("produce", "--stream", name, #"{"id":1}"#, #"{"id":2}"#).expect(.done)
            let first = try await stream.run(
                "consume", "--stream", name, "--name", "indexer", "--exit-at-end", "-o", "payload")
            first.expect(.done)
            #expect(first.output == "{\"id\":1}\n{\"id\":2}\n")
            let status = try await stream.run("inspect-offsets", "--stream", name, "-o", "json")
            status.expect(.done)
            #expect(try status.consumers().first?["verdict"] == "idle")
            #expect(try status.consumers().first?["consumer"] == "indexer")
            try await stream.run("seek", "--stream", name, "--name", "indexer", "--to", "earliest").expect(.done)
            let again = try await stream.run(
                "consume", "--stream", name, "--name", "indexer", "--exit-at-end", "--count", "1", "-o", "payload")
            #expect(again.output == "{\"id\":1}\n")
            let trimmed = try await stream.run("trim", "--stream", name, "--committed", "--once", "-o", "json")
            trimmed.expect(.done)
            #expect(try trimmed.json()["removed"] == "1")
            #expect(try await stream.payloads() == [#"{"id":2}"#])
            try await stream.run("forget", "--stream", name, "--name", "indexer").expect(.done)
            #expect(try await stream.offset(of: "indexer") == nil)
        }
    }

    @Test func delayMessagesMoveWhenTheyAreDue() async throws {
        try await withClusterStream { stream in
            try await stream.run("produce", "--stream", stream.name, "--delayed", "1", "2", "3").expect(.done)
            try await stream.run("delay", "--stream", stream.name, "--delay", "1ms", "--once").expect(.done)
            #expect(try await stream.payloads() == ["1", "2", "3"])
        }
    }

    @Test func deadLettersAreWrittenAndReplayed() async throws {
        try await withClusterStream { stream in
            let name = stream.name
            try await stream.run("produce", "--stream", name, "1").expect(.done)
            try await stream.run(
                "consume", "--stream", name, "--name", "indexer", "--exit-at-end", "--exec", "exit 1",
                "--max-attempts", "1", "--on-failure", "dead-letter"
            ).expect(.done)
            let words = ["--stream", name, "--name", "indexer"]
            let list = try await stream.run("dead-letters", "list", "--stream", words[1], "--consumer", words[3])
            #expect(list.output.contains("1"), "\(list.output)\(list.errors)")
            try await stream.run(
                "dead-letters", "replay", "--stream", words[1], "--consumer", words[3], "--yes"
            ).expect(.done)
            #expect(try await stream.payloads() == ["1", "1"])
        }
    }

    @Test func shardsOfAStreamInBracesShareItsSlot() async throws {
        try await withClusterStream { stream in
            let input = (0..<50).map { "\($0)\n" }.joined()
            try await stream.run(
                "produce", "--stream", stream.name, "--ids", "--shards", "4", input: .text(input)
            ).expect(.done)
            let read = try await stream.run(
                "consume", "--stream", stream.name, "--name", "indexer", "--shards", "4", "--exit-at-end", "-o",
                "payload"
            )
            read.expect(.done)
            #expect(read.output.split(separator: "\n").count == 50)
        }
    }

    @Test(arguments: [
        ["produce", "--stream", "products", "1"],
        ["consume", "--stream", "products", "--name", "indexer", "--exit-at-end"],
        ["delay", "--stream", "products", "--delay", "1ms", "--once"],
        ["trim", "--stream", "products", "--expiry", "1d", "--once"],
        ["forget", "--stream", "products", "--name", "indexer"],
        ["seek", "--stream", "products", "--name", "indexer", "--to", "earliest"],
    ])
    func aStreamWhoseKeysWouldLieApartIsRefusedWithTheNameToUse(arguments: [String]) async throws {
        let cluster = try await RedisCluster.shared
        let result = try await ToolProcess.run(arguments, environment: ["REDSTREAM_URL": cluster.url()])
        result.expect(.usage)
        let lines = result.errorLines.suffix(2)
        #expect(lines.first?.hasSuffix("several nodes of the cluster: name it {products}") == true, "\(result.errors)")
        #expect(lines.last?.hasPrefix("hint: --stream '{products}', or --namespace") == true, "\(result.errors)")
        #expect(
            try await cluster.redis(for: "redstream:stream:products", "EXISTS", "redstream:stream:products").integer
                == 0)
    }

    @Test func aNamespaceInBracesHoldsForAllOfItsStreams() async throws {
        try await withClusterStream { stream in
            let namespace = "--namespace=\(stream.name)"
            try await stream.run("produce", "--stream", "products", "1", namespace).expect(.done)
            let read = try await stream.run(
                "consume", "--stream", "products", "--name", "indexer", "--exit-at-end", "-o", "payload", namespace)
            read.expect(.done)
            #expect(read.output == "1\n")
        }
    }

    @Test func streamsOfAllPrimariesAreFoundAndTrimmed() async throws {
        let cluster = try await RedisCluster.shared
        let namespace = "n\(UInt32.random(in: .min ... .max))"
        let environment = ["REDSTREAM_URL": cluster.url(), "REDSTREAM_NAMESPACE": namespace]
        let keys = Keyspace(namespace: namespace)
        // One on each primary.
        var streams: [ObjectIdentifier: String] = [:]
        while streams.count < 3 {
            let name = RedisCluster.uniqueTag()
            streams[ObjectIdentifier(try await cluster.owner(of: keys.stream(name)))] = name
        }
        for name in streams.values {
            try await ToolProcess.run(["produce", "--stream", name, "1"], environment: environment).expect(.done)
        }
        let status = try await ToolProcess.run(["inspect-offsets", "-o", "json"], environment: environment)
        for name in streams.values { #expect(status.output.contains("\"\(name)\"")) }
        let trimmed = try await ToolProcess.run(
            ["trim", "--expiry", "1ms", "--once", "-o", "json"], environment: environment)
        trimmed.expect(.done)
        #expect(trimmed.output.count(of: #""removed":1"#) == 3, "\(trimmed.output)")
        for name in streams.values {
            for key in [keys.stream(name), keys.trimMark(name)] { try await cluster.redis(for: key, "UNLINK", key) }
            let notify = keys.trimmerLock(name).notifyKey
            try await cluster.redis(for: notify, "UNLINK", notify)
        }
    }

    @Test func aNodeThatIsTakenForTheServerIsToldFromIt() async throws {
        let cluster = try await RedisCluster.shared
        let name = RedisCluster.uniqueTag()
        let owner = try await cluster.owner(of: Keyspace().stream(name))
        let other = try #require(cluster.nodes.first { $0 !== owner })
        let result = try await ToolProcess.run(
            ["produce", "--stream", name, "1"],
            environment: ["REDSTREAM_URL": "redis://127.0.0.1:\(other.port ?? 0)"])
        result.expect(.failed)
        #expect(
            result.errors.contains("hint: 127.0.0.1:\(other.port ?? 0) is a node of a cluster: --url redis+cluster://"))
    }

    @Test func aServerOfItsOwnIsToldFromACluster() async throws {
        try await RedisServer.with(.init(listensOnTCP: true)) { server in
            let host = "127.0.0.1:\(server.port ?? 0)"
            let result = try await ToolProcess.run(
                ["produce", "--stream", "{products}", "1"], environment: ["REDSTREAM_URL": "redis+cluster://\(host)"])
            result.expect(.failed)
            #expect(result.errorLines.last == "hint: \(host) is a server of its own: --url redis://\(host)")
        }
    }
}
