package import RedstreamConnection

/// A slot of a cluster on its way from one node to another, step by step, so that a test can stand in the middle.
package struct SlotMigration: Sendable {
    private let cluster: RedisCluster
    /// The slot.
    package let slot: Int
    /// The node that serves it before.
    package let source: RedisServer
    /// The node that serves it after.
    package let target: RedisServer
    private let sourceID: String
    private let targetID: String

    /// Prepares to move the slot of a key to another primary; nothing happens yet.
    ///
    /// - Parameters:
    ///   - cluster: The cluster.
    ///   - key: A key of the slot.
    ///   - target: Where to; nil for the next primary.
    /// - Throws: `RedisError`.
    package init(_ cluster: RedisCluster, of key: some KeyName, to target: RedisServer? = nil) async throws {
        self.cluster = cluster
        slot = ClusterSlot(of: key.redisKey).number
        let source = try await cluster.owner(of: key)
        let others = cluster.nodes.prefix(cluster.primaryCount).filter { $0 !== source }
        self.source = source
        self.target = target ?? others[0]
        sourceID = try await cluster.id(of: source)
        targetID = try await cluster.id(of: self.target)
    }

    /// Opens the way: what is not at the source any more is asked for at the target.
    package func begin() async throws {
        try await cluster.call(target, "CLUSTER", "SETSLOT", slot, "IMPORTING", sourceID)
        try await cluster.call(source, "CLUSTER", "SETSLOT", slot, "MIGRATING", targetID)
    }

    /// Moves one key.
    package func move(_ key: some KeyName) async throws {
        let host = RedisCluster.host(target)
        // Two nodes that send each other something at once would wait for each other until their time is up.
        try await cluster.migrating.withPlace {
            _ = try await cluster.call(source, "MIGRATE", host.name, host.port, key, 0, 5000, "REPLACE")
        }
    }

    /// Moves all keys that are there, and those that come meanwhile.
    package func moveAll() async throws {
        while true {
            let keys = try await cluster.call(source, "CLUSTER", "GETKEYSINSLOT", slot, 100).elements
            if keys.isEmpty { return }
            for key in keys.compactMap(\.key) { try await move(key) }
        }
    }

    /// Lets the source give the slot up, and tells nobody else of it yet.
    package func letGo() async throws {
        try await cluster.call(source, "CLUSTER", "SETSLOT", slot, "NODE", targetID)
    }

    /// Gives the slot to the target for good, and tells every primary until all agree.
    ///
    /// Slots that move side by side change hands one after the other, each only once every primary has heard of the
    /// epochs that the last one has led to. Otherwise the target might choose an epoch that is older than the source's,
    /// and believe a late word of the source: it would give the slot back and delete what is in it.
    package func finish() async throws {
        let primaries = Array(cluster.nodes.prefix(cluster.primaryCount))
        let order = [target, source] + primaries.filter { $0 !== target && $0 !== source }
        try await cluster.migrating.withPlace {
            try await eventually("the nodes agree on the epochs") { try await cluster.agreesOnEpochs }
            try await eventually("the nodes agree on the slot \(slot)") {
                for node in order {
                    _ = try? await cluster.call(node, "CLUSTER", "SETSLOT", slot, "NODE", targetID)
                }
                for node in order {
                    guard try await cluster.owner(of: slot, accordingTo: node) === target else { return false }
                }
                return try await cluster.agreesOnEpochs
            }
        }
    }

    /// Moves the slot with all that is in it.
    package func run() async throws {
        try await begin()
        try await moveAll()
        try await finish()
    }
}

/// The name of a key, as text or as bytes.
package protocol KeyName: RedisArgument {
    /// The name as bytes.
    var redisKey: RedisKey { get }
}

extension String: KeyName {
    /// The text as UTF-8.
    package var redisKey: RedisKey { RedisKey(self) }
}

extension RedisKey: KeyName {
    /// The name itself.
    package var redisKey: RedisKey { self }
}
