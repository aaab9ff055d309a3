import RedisClient

extension StreamClient {
    /// Refuses to look for keys at one node of a cluster as if it were a server of its own: what the other nodes have would
    /// be missed, and a consumer that is missed would lose what is trimmed.
    ///
    /// By HELLO, which every user may ask, and CLUSTER INFO only where that tells of a cluster; a cluster of one node has
    /// everything there.
    ///
    /// - Throws: ``RedstreamError/partOfCluster(address:)``; `RedisError`.
    func requireAllKeys() async throws {
        guard pool.cluster == nil else { return }
        let part = try await pool.withConnection(for: nil) { connection -> String? in
            let greeting = try await connection.execute(RedisPipeline("HELLO"))[0]
            guard ClusterMembership.isNode(greeting: greeting.elements.map(\.string)) else { return nil }
            let info = try await connection.execute(RedisPipeline("CLUSTER", "INFO"))[0]
            // Who may not ask is better told of a part that is the whole than given a part for the whole.
            let size = info.kind == .error ? nil : ClusterMembership.size(inInfo: info.string ?? "")
            return size.map { $0 > 1 } ?? true ? connection.address : nil
        }
        if let part { throw RedstreamError.partOfCluster(address: part) }
    }
}

/// What a server tells of the cluster that it is a node of.
enum ClusterMembership {
    /// Whether the answer to HELLO, names and values in turn, is that of a node of a cluster.
    static func isNode(greeting: [String?]) -> Bool {
        stride(from: 0, to: greeting.count - 1, by: 2).contains {
            greeting[$0] == "mode" && greeting[$0 + 1] == "cluster"
        }
    }

    /// How many primaries serve slots, in the answer to CLUSTER INFO; nil where it does not tell.
    static func size(inInfo info: String) -> Int? {
        let line = info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("cluster_size:") }
        return line.flatMap { Int($0.dropFirst("cluster_size:".count)) }
    }
}
