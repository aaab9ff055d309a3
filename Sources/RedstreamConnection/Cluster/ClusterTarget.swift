/// The node of a cluster that commands are meant for; it does not matter without a cluster.
enum ClusterTarget: Sendable, Hashable {
    /// Any primary.
    case any
    /// The primary that serves a slot.
    case slot(ClusterSlot)
    /// One node.
    case node(RedisConfiguration.Host)

    /// True if it is one node, wherever the slots are.
    var isNode: Bool { if case .node = self { true } else { false } }

    /// The target of commands about a key, or about none.
    init(key: RedisKey?) {
        if let key { self = .slot(ClusterSlot(of: key)) } else { self = .any }
    }
}
