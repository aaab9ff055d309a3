package import RedstreamConnection
import Synchronization

/// A cluster of a test's own: primaries that share the slots out evenly, each with as many replicas as wanted.
///
/// Its nodes forget each other for dead after a second. Slots that nobody serves do not stop the others.
package final class RedisCluster: Sendable {
    /// The options of a cluster.
    package struct Options: Sendable {
        /// The number of primaries, at least one; three are needed for a failover.
        package var primaries = 3
        /// The number of replicas of each primary.
        package var replicas = 0
        /// The options of each node.
        package var node = RedisServer.Options()

        /// Creates options.
        package init(primaries: Int = 3, replicas: Int = 0, node: RedisServer.Options = RedisServer.Options()) {
            self.primaries = primaries
            self.replicas = replicas
            self.node = node
        }
    }

    /// All nodes: the first primaries, then the replicas of the first, of the second, and so on.
    package let nodes: [RedisServer]
    /// The number of them that were primaries at first.
    package let primaryCount: Int
    /// Lets one node send a key to another at a time.
    let migrating = Places(count: 1)
    private let pools: [RedisPool]

    private init(nodes: [RedisServer], primaryCount: Int) {
        self.nodes = nodes
        self.primaryCount = primaryCount
        // A busy machine may keep a test waiting; what is tested has bounds of its own.
        pools = nodes.map { node in
            var configuration = node.configuration
            configuration.connectTimeout = .seconds(30)
            configuration.commandTimeout = .seconds(30)
            return RedisPool(configuration, settings: .init(size: 4, waitTimeout: .seconds(30)), name: "tests:node")
        }
    }

    /// Runs a test with a cluster of its own, whose nodes agree on who serves what.
    package static func with<Value>(
        _ options: Options = Options(), _ body: (RedisCluster) async throws -> Value
    ) async throws -> Value {
        let cluster = try await start(options)
        do {
            let value = try await body(cluster)
            await cluster.kill()
            return value
        } catch {
            await cluster.kill()
            throw error
        }
    }

    /// Starts a cluster; see ``with(_:_:)``.
    package static func start(_ options: Options = Options()) async throws -> RedisCluster {
        var node = options.node
        node.isClusterNode = true
        node.lines += ["cluster-require-full-coverage no", "cluster-replica-validity-factor 0"]
        let settings = node
        let count = options.primaries * (1 + options.replicas)
        let nodes = try await withThrowingTaskGroup(of: RedisServer.self) { group in
            for _ in 0..<count { group.addTask { try await RedisServer.start(settings) } }
            return try await group.reduce(into: [RedisServer]()) { $0.append($1) }
        }
        let cluster = RedisCluster(nodes: nodes, primaryCount: options.primaries)
        do {
            try await cluster.join(replicas: options.replicas)
        } catch {
            await cluster.kill()
            throw error
        }
        return cluster
    }

    /// Ends all nodes.
    package func kill() async {
        for pool in pools { pool.close() }
        for node in nodes { await node.kill() }
    }

    /// The address of a node.
    package static func host(_ node: RedisServer) -> RedisConfiguration.Host {
        RedisConfiguration.Host("127.0.0.1", port: node.port ?? 0)
    }

    /// Returns the configuration that names some of the cluster's nodes; the first primaries by default.
    package func configuration(naming some: [RedisServer]? = nil) -> RedisConfiguration {
        RedisConfiguration(
            address: .cluster(nodes: (some ?? Array(nodes.prefix(primaryCount))).map(Self.host)),
            tls: nodes[0].tls, password: nodes[0].configuration.password)
    }

    /// The URL by which the tool reaches the cluster.
    package func url(naming some: [RedisServer]? = nil) -> String {
        let password = nodes[0].configuration.password.map { ":\($0.revealed)@" } ?? ""
        let hosts = (some ?? Array(nodes.prefix(primaryCount))).map { Self.host($0).description }
        return "\(nodes[0].tls == nil ? "redis" : "rediss")+cluster://\(password)\(hosts.joined(separator: ","))"
    }

    /// Runs a command on a node, whatever its keys are.
    @discardableResult
    package func call(
        _ node: RedisServer, _ command: String, _ arguments: any RedisArgument...
    ) async throws -> RedisReply {
        try await pool(of: node).withConnection(for: nil) { try await $0.call(command, arguments) }
    }

    /// Runs a command on the primary that serves a key.
    ///
    /// While the nodes have not told each other yet who that is, it is tried again.
    @discardableResult
    package func redis(
        for key: some KeyName, _ command: String, _ arguments: any RedisArgument...
    ) async throws -> RedisReply {
        var refusal = ""
        return try await eventually("\(command) finds the node of \(key); \(refusal)") {
            do {
                let node = try await owner(of: key)
                return try await pool(of: node).withConnection(for: nil) { try await $0.call(command, arguments) }
            } catch let error as RedisError where error.code == "MOVED" || error.kind == .connectFailed {
                refusal = "\(error.address): \(error)"
                return nil
            }
        }
    }

    /// The primary that serves a key.
    package func owner(of key: some KeyName) async throws -> RedisServer {
        let slot = ClusterSlot(of: key.redisKey).number
        for node in nodes {
            if let owner = try? await owner(of: slot, accordingTo: node) { return owner }
        }
        throw RedisServer.StartFailure(description: "no node serves the slot \(slot)")
    }

    /// The primary that serves a slot, as one node sees it; nil where it sees none.
    func owner(of slot: Int, accordingTo node: RedisServer) async throws -> RedisServer? {
        let view = try await call(node, "CLUSTER", "NODES").string ?? ""
        for line in view.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count > 8, words[2].contains("master"), !words[2].contains("fail"),
                words[8...].contains(where: { Self.holds($0, slot) })
            else { continue }
            return nodes.first { words[1].contains(":\($0.port ?? 0)@") }
        }
        return nil
    }

    /// True if every primary knows the same epoch of every other, and no two have the same.
    var agreesOnEpochs: Bool {
        get async throws {
            var views: Set<[String: String]> = []
            for node in nodes.prefix(primaryCount) {
                let view = try await call(node, "CLUSTER", "NODES").string ?? ""
                let lines = view.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
                let primaries = lines.filter { $0.count > 6 && $0[2].contains("master") }
                views.insert(Dictionary(primaries.map { ($0[0], $0[6]) }) { first, _ in first })
            }
            guard views.count == 1, let epochs = views.first?.values else { return false }
            return Set(epochs).count == epochs.count
        }
    }

    private static func holds(_ range: Substring, _ slot: Int) -> Bool {
        guard !range.hasPrefix("[") else { return false }
        let bounds = range.split(separator: "-").compactMap { Int($0) }
        return bounds.first.map { $0 <= slot } == true && bounds.last.map { slot <= $0 } == true
    }

    private func pool(of node: RedisServer) -> RedisPool {
        pools[nodes.firstIndex { $0 === node } ?? 0]
    }
}

extension RedisCluster {
    /// The name that a node has in its cluster.
    func id(of node: RedisServer) async throws -> String {
        try await call(node, "CLUSTER", "MYID").string ?? ""
    }

    /// Makes one cluster of the nodes.
    private func join(replicas: Int) async throws {
        for (index, node) in nodes.enumerated() {
            try await call(node, "CLUSTER", "SET-CONFIG-EPOCH", index + 1)
            if index < primaryCount { try await addSlots(of: index) }
        }
        try await meet()
        try await eventually("the nodes know each other") {
            // A node gives a handshake up that a busy machine does not finish in time.
            let isMeeting = try await (call(nodes[0], "CLUSTER", "NODES").string ?? "").contains("handshake")
            if !isMeeting, try await info(nodes[0], "cluster_known_nodes") != "\(nodes.count)" { try await meet() }
            for node in nodes {
                guard try await info(node, "cluster_known_nodes") == "\(nodes.count)" else { return false }
                let view = try await call(node, "CLUSTER", "NODES").string ?? ""
                if view.contains("handshake") { return false }
            }
            return true
        }
        for index in nodes.indices.dropFirst(primaryCount) {
            let primary = nodes[(index - primaryCount) / max(replicas, 1)]
            let name = try await id(of: primary)
            try await eventually { (try? await call(nodes[index], "CLUSTER", "REPLICATE", name)) != nil }
        }
        try await untilWhole()
    }

    /// Lets the first node meet the others.
    private func meet() async throws {
        for node in nodes.dropFirst() {
            let host = Self.host(node)
            try await call(nodes[0], "CLUSTER", "MEET", host.name, host.port)
        }
    }

    private func addSlots(of index: Int) async throws {
        let first = ClusterSlot.count * index / primaryCount
        let end = ClusterSlot.count * (index + 1) / primaryCount
        // CLUSTER ADDSLOTSRANGE is new in 7.0.
        let words: [any RedisArgument] = ["ADDSLOTS"] + (first..<end).map { $0 as any RedisArgument }
        try await pool(of: nodes[index]).withConnection(for: nil) { _ = try await $0.call("CLUSTER", words) }
    }

    /// Waits until every node sees every slot served, and every replica follows its primary.
    package func untilWhole(without dead: [RedisServer] = []) async throws {
        let living = nodes.filter { node in !dead.contains { $0 === node } }
        try await eventually("the cluster is whole", within: .seconds(60)) {
            for node in living {
                guard try await info(node, "cluster_state") == "ok",
                    try await info(node, "cluster_slots_ok") == "\(ClusterSlot.count)"
                else { return false }
                let replication = try await call(node, "INFO", "replication").string ?? ""
                if replication.contains("role:slave"), !replication.contains("master_link_status:up") { return false }
            }
            return true
        }
    }

    private func info(_ node: RedisServer, _ name: String) async throws -> String? {
        let text = try await call(node, "CLUSTER", "INFO").string ?? ""
        for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix("\(name):") {
            return String(line.dropFirst(name.count + 1))
        }
        return nil
    }
}

extension RedisCluster {
    private static let sharedTask = Task { try await RedisCluster.start() }

    /// The cluster of three primaries that tests share, each with streams of its own; started by the first.
    ///
    /// They move slots of their own, and end no node.
    package static var shared: RedisCluster {
        get async throws { try await sharedTask.value }
    }

    private static let usedSlots = Mutex<Set<Int>>([])

    /// The name of a stream, or of any key, that shares its slot with no other test's: one may move it.
    package static func uniqueTag() -> String {
        while true {
            let tag = "{t\(String(UInt32.random(in: .min ... .max), radix: 16))}"
            if usedSlots.withLock({ $0.insert(ClusterSlot(of: tag).number).inserted }) { return tag }
        }
    }
}
