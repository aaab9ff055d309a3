/// Where a connection is to go: to the server that is named, or to the node of a cluster that serves a key.
package struct ServerRoute: Sendable {
    /// What is wanted of a cluster.
    enum Target: Sendable, Hashable {
        /// Any primary.
        case any
        /// The primary that serves a slot.
        case slot(ClusterSlot)
        /// One node.
        case node(RedisConfiguration.Host)

        /// Whether it is one node, wherever the slots are.
        var isNode: Bool { if case .node = self { true } else { false } }

        /// The target of commands about a key, or about none.
        init(key: RedisKey?) {
            if let key { self = .slot(ClusterSlot(of: key)) } else { self = .any }
        }
    }

    let configuration: RedisConfiguration
    /// What is known of the cluster; nil where there is none.
    let cluster: ClusterTopology?
    let target: Target

    /// Opens something at the server; where a cluster's node cannot be reached, at its successor, if there is one by now.
    ///
    /// - Parameters:
    ///   - deadline: Until when nodes may be asked where to go.
    ///   - open: Connects; it is given the node's own configuration, and the node, nil where there is no cluster.
    /// - Returns: What `open` returned.
    /// - Throws: ``RedisError`` of the last try.
    func open<Value>(
        by deadline: Deadline,
        _ open: (RedisConfiguration, RedisConfiguration.Host?) throws(RedisError) -> Value
    ) throws(RedisError) -> Value {
        guard let cluster else { return try open(configuration, nil) }
        let host = try cluster.host(for: target, by: deadline)
        do throws(RedisError) {
            return try open(Self.configuration(configuration, at: host), host)
        } catch {
            guard error.isServerUnreachable else { throw error }
            cluster.distrust()
            guard !deadline.hasPassed, let other = try? cluster.host(for: target, by: deadline), other != host else {
                throw error
            }
            return try open(Self.configuration(configuration, at: other), other)
        }
    }

    /// The configuration of a connection to one node.
    static func configuration(
        _ configuration: RedisConfiguration, at host: RedisConfiguration.Host
    ) -> RedisConfiguration {
        var configuration = configuration
        configuration.address = .tcp(host: host.name, port: host.port)
        return configuration
    }
}
