import RedisClient
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

    @Test func thePromptShowsTheCluster() async throws {
        let cluster = try await RedisCluster.shared
        let terminal = try TerminalProcess(["shell"], environment: ["REDSTREAM_URL": cluster.url()])
        let host = RedisCluster.host(cluster.nodes[0]).description
        try await terminal.waitUntilShown("cluster:\(host),…> ")
        terminal.type("exit\r")
        #expect(try await terminal.exit() == .status(0))
    }
}
