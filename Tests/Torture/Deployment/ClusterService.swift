import Redstream
import RedstreamConnection
import TestSupport

/// A cluster of three primaries with a replica each, whose streams all share a slot.
///
/// So there is one primary that has them, whose loss is the loss of all, and which resharding takes them from. Producers
/// wait for its replica. As with sentinels, the next fault waits until every replica has caught up.
struct ClusterService: ReplicatedDeployment {
    private let cluster: RedisCluster
    let servers: [AppendOnlyServer]
    private let dumps: KeyDumps
    let producerArguments: [String]
    /// For how long a node does not answer before the others hold it for dead (`cluster-node-timeout`).
    static let detection = Duration.milliseconds(1000)

    private static let key = Keyspace(namespace: Cast.namespace).stream(DeploymentKind.cluster.streams[0])
    private static let slot = ClusterSlot(of: key).number

    static func start(_ safety: Safety) async throws -> ClusterService {
        let lines = [
            "cluster-node-timeout \(detection.milliseconds)",
            // A replica stays with its primary, and does not go where another is missing.
            "cluster-migration-barrier 9",
        ]
        let node = AppendOnlyServer.options(lines: lines + safety.serverLines)
        let cluster = try await RedisCluster.start(.init(replicas: 1, node: node))
        let servers = cluster.nodes.enumerated().map { AppendOnlyServer(server: $1, name: "node-\($0 + 1)") }
        let service = ClusterService(
            cluster: cluster, servers: servers, dumps: try await KeyDumps.start(),
            producerArguments: safety.producerArguments)
        try await service.recover()
        return service
    }

    let faults = Fault.Kind.ofProcesses + [.clientKill, .scriptFlush, .memoryFull, .failover, .reshard]
    var probed: RedisConfiguration? { nil }

    func url(through weather: Weather) throws -> String { cluster.url() }

    func connect() async throws -> RedisConnection { try await owner().server.connect() }

    func connections() async throws -> [RedisConnection] {
        var connections: [RedisConnection] = []
        for node in await nodes() where node.isPrimary { connections.append(try await node.server.connect()) }
        return connections
    }

    func suffer(_ fault: Fault) async throws -> History.Promotion? {
        switch fault {
        case .failover(let failover): return try await failOver(failover)
        case .reshard: try await reshard()
        default: try await owner().server.suffer(fault)
        }
        return nil
    }

    func askToTakeOver(_ replica: AppendOnlyServer) async -> Bool {
        guard let connection = try? await replica.connect() else { return false }
        defer { connection.close() }
        return (try? await connection.call("CLUSTER", "FAILOVER")) != nil
    }

    func isPrimary(_ server: AppendOnlyServer) async throws -> Bool {
        try await Task.sleep(for: .milliseconds(20))
        return try await ClusterNode.look(at: server)?.serves(Self.slot) == true
    }

    /// Moves the slot of the streams to another primary, a key at a time.
    private func reshard() async throws {
        try await recover()
        let source = try await owner()
        guard let target = await nodes().first(where: { $0.isPrimary && $0.name != source.name }) else { return }
        let slot = "\(Self.slot)"
        try await target.server.insist("CLUSTER", "SETSLOT", slot, "IMPORTING", source.name)
        try await source.server.insist("CLUSTER", "SETSLOT", slot, "MIGRATING", target.name)
        try await eventually("the slot has moved", within: .seconds(60)) {
            let keys = try await source.server.insist("CLUSTER", "GETKEYSINSLOT", slot, "100").elements
            for key in keys.compactMap(\.string) {
                try await source.server.insist(
                    "MIGRATE", "127.0.0.1", "\(target.server.server.port ?? 0)", key, "0", "5000", "REPLACE")
            }
            return keys.isEmpty
        }
        try await target.server.insist("CLUSTER", "SETSLOT", slot, "NODE", target.name)
        try await source.server.insist("CLUSTER", "SETSLOT", slot, "NODE", target.name)
    }

    /// Waits until every node is there, each primary has a replica with all that it has, and all agree on it.
    func recover() async throws {
        try await eventually("the cluster is in order", within: .seconds(90)) {
            if try await disorder() == nil { return true }
            try await Task.sleep(for: .milliseconds(50))
            return false
        }
    }

    private func disorder() async throws -> String? {
        let nodes = await nodes()
        guard nodes.count == servers.count else { return "\(servers.count - nodes.count) nodes do not answer" }
        for node in nodes where !node.isContent { return "\(node.server.name) sees a failure" }
        guard nodes.filter({ $0.serves(Self.slot) }).count == 1 else { return "nobody, or more than one, has the slot" }
        for primary in nodes where primary.isPrimary {
            guard nodes.contains(where: { $0.primary == primary.name }) else {
                return "\(primary.server.name) has no replica"
            }
            guard let connection = try? await primary.server.connect() else {
                return "\(primary.server.name) does not answer"
            }
            defer { connection.close() }
            guard let count = try? await connection.call("WAIT", "1", "1000").integer, count >= 1 else {
                return "the replica of \(primary.server.name) has not caught up"
            }
        }
        return nil
    }

    /// Returns the state of each node that answers.
    private func nodes() async -> [ClusterNode] {
        await withTaskGroup(of: (Int, ClusterNode?).self) { group in
            for (index, server) in servers.enumerated() {
                group.addTask { (index, try? await ClusterNode.look(at: server)) }
            }
            var found: [(Int, ClusterNode)] = []
            for await (index, node) in group { if let node { found.append((index, node)) } }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// The primary that has the streams: of those that believe so, the one that believes it last.
    private func owner() async throws -> ClusterNode {
        try await eventually("a node serves the streams", within: .seconds(60)) {
            let owner = await nodes().filter { $0.serves(Self.slot) }.max { $0.epoch < $1.epoch }
            if owner == nil { try await Task.sleep(for: .milliseconds(50)) }
            return owner
        }
    }

    func roles() async throws -> (primary: AppendOnlyServer, replica: AppendOnlyServer) {
        try await eventually("the streams have a primary and a replica", within: .seconds(60)) {
            let owner = try await owner()
            return await nodes().first { $0.primary == owner.name }.map { (owner.server, $0.server) }
        }
    }

    func segments(for cast: Cast) throws -> [Segment] {
        defer { dumps.stop() }
        return try servers.flatMap { try $0.segments(for: cast, dumps: dumps) }
    }
}
