import RedstreamConnection
import TestSupport
import Testing

@testable import RedstreamCLI

/// The shell on a cluster.
@Suite struct ClusterShellTests {
    @Test func commandsOfRedisFollowTheirKeys() async throws {
        let cluster = try await RedisCluster.shared
        let tags = (0..<8).map { _ in RedisCluster.uniqueTag() }
        let lines = tags.map { "SET \($0) value-of-\($0) PX 60000" } + tags.map { "GET \($0)" }
        let result = try await ToolProcess.run(
            ["shell"], environment: ["REDSTREAM_URL": cluster.url()], input: .text(lines.joined(separator: "\n") + "\n")
        )
        result.expect(.done)
        let expected = tags.map { _ in "OK" } + tags.map { "value-of-\($0)" }
        #expect(result.output.split(separator: "\n").map(String.init) == expected, "\(result.errors)")
    }

    @Test func keysOfSeveralSlotsInOneCommandAreRefusedWithAHint() async throws {
        let cluster = try await RedisCluster.shared
        let result = try await ToolProcess.run(
            ["shell", "-c", "MGET {a}1 {b}2"], environment: ["REDSTREAM_URL": cluster.url()])
        result.expect(.failed)
        #expect(
            result.errors.contains("hint: in a cluster, keys of one command share a part in braces"), "\(result.errors)"
        )
    }

    @Test func aTransactionBeginsWhereItsKeyIs() async throws {
        let cluster = try await RedisCluster.shared
        let key = RedisCluster.uniqueTag()
        func shell(_ lines: String...) async throws -> ToolProcess.Result {
            try await ToolProcess.run(
                ["shell", "--yes"], environment: ["REDSTREAM_URL": cluster.url()],
                input: .text(lines.joined(separator: "\n") + "\n"))
        }
        let whole = try await shell("GET \(key)", "MULTI", "SET \(key) 1 PX 60000", "INCR \(key)", "EXEC")
        whole.expect(.done)
        #expect(try await cluster.redis(for: key, "GET", key).string == "2")
        // Led away by a key of another node.
        var other = RedisCluster.uniqueTag()
        while try await cluster.owner(of: other) === cluster.owner(of: key) { other = RedisCluster.uniqueTag() }
        let torn = try await shell("GET \(other)", "MULTI", "SET \(key) 3", "EXEC")
        torn.expect(.failed)
        #expect(torn.errors.contains("serves the key no more"), "\(torn.errors)")
        #expect(torn.errors.contains("hint: GET leads to the node of a key; then begin again"), "\(torn.errors)")
        #expect(try await cluster.redis(for: key, "GET", key).string == "2")
    }

    @Test func thePromptShowsTheCluster() async throws {
        let cluster = try await RedisCluster.shared
        let terminal = try TerminalProcess(["shell"], environment: ["REDSTREAM_URL": cluster.url()])
        let host = RedisCluster.host(cluster.nodes[0]).description
        try await terminal.waitUntilShown("cluster:\(host),…> ")
        terminal.type("exit\r")
        #expect(try await terminal.exit() == .status(0))
    }
}
