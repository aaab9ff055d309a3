import Redstream
import RedstreamConnection
import TestSupport

@testable import RedstreamCLI

/// A stream of a test's own on a cluster, whose keys share a slot with no other test's.
struct ClusterStream {
    let cluster: RedisCluster
    /// Its name, all of it in braces.
    let name = RedisCluster.uniqueTag()

    var keys: Keyspace { Keyspace() }
    var key: RedisKey { keys.stream(name) }

    var environment: [String: String] { ["REDSTREAM_URL": cluster.url()] }

    /// Starts the tool.
    func tool(_ arguments: String..., input: ToolProcess.Input = .nothing) throws -> ToolProcess {
        try ToolProcess(arguments, environment: environment, input: input)
    }

    /// Runs the tool to its end.
    func run(_ arguments: String..., input: ToolProcess.Input = .nothing) async throws -> ToolProcess.Result {
        try await ToolProcess(arguments, environment: environment, input: input).result()
    }

    /// The payloads of the stream, in order.
    func payloads() async throws -> [String] {
        StreamEntries(range: try await cluster.redis(for: key, "XRANGE", key, "-", "+")).map {
            String(decoding: $0.fieldElement(1), as: UTF8.self)
        }
    }

    /// The offset of a consumer as it is stored.
    func offset(of consumer: String) async throws -> String? {
        let key = keys.offset(ConsumerName(stream: name, name: consumer))
        return try await cluster.redis(for: key, "GET", key).string
    }

    /// Removes all that was kept for the stream.
    func remove() async throws {
        let slot = ClusterSlot(of: key).number
        let found = try await cluster.redis(for: key, "CLUSTER", "GETKEYSINSLOT", slot, 100).elements
        for key in found.compactMap(\.key) { try await cluster.redis(for: key, "UNLINK", key) }
    }
}

/// Runs a test with a stream of its own on the cluster that tests share.
func withClusterStream(_ body: (ClusterStream) async throws -> Void) async throws {
    let stream = ClusterStream(cluster: try await RedisCluster.shared)
    do {
        try await body(stream)
        try await stream.remove()
    } catch {
        try? await stream.remove()
        throw error
    }
}
