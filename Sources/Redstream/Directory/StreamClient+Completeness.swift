import RedstreamConnection

extension StreamClient {
    /// Throws if the server is one node of a cluster of several: the keys of the other nodes would be missed, and a consumer
    /// that is missed would lose entries to trimming.
    ///
    /// Runs HELLO, which every user may, and CLUSTER INFO only if that tells of a cluster.
    ///
    /// - Throws: ``RedstreamError/partOfCluster(address:)``; `RedisError`.
    func requireAllKeys() async throws {
        guard pool.cluster == nil else { return }
        let part = try await pool.withConnection(for: nil) { connection -> String? in
            let greeting = try await connection.execute(RedisPipeline("HELLO"))[0]
            guard greeting.dictionary["mode"]?.string == "cluster" else { return nil }
            let info = RedisInfo(try await connection.execute(RedisPipeline("CLUSTER", "INFO"))[0])
            // If the user may not run CLUSTER INFO, assume several nodes: a false alarm is better than a partial list.
            return info.integer("cluster_size") == 1 ? nil : connection.address
        }
        if let part { throw RedstreamError.partOfCluster(address: part) }
    }
}
