/// The nodes of a cluster and their slots, as one node has told.
struct ClusterMap: Sendable, Equatable {
    typealias Host = RedisConfiguration.Host

    /// The primary of each slot; nil if no node serves it.
    private var owners: [Host?]
    /// The nodes that serve slots, each once, in the order of their slots.
    let primaries: [Host]
    /// Every node that was named, replicas too.
    let nodes: [Host]

    /// Reads the reply to CLUSTER SLOTS.
    ///
    /// - Parameters:
    ///   - reply: A list of slot ranges, each with its primary and its replicas.
    ///   - asked: The node that answered. A node that does not know its own address names none.
    init(_ reply: RedisReply, from asked: Host) {
        var owners = [Host?](repeating: nil, count: ClusterSlot.count)
        var primaries: [Host] = []
        var nodes: [Host] = []
        // Of ranges that overlap, the last counts. A hostile node that sends more and more of them is not read to the end.
        var patience = 4 * ClusterSlot.count
        for range in reply.elements {
            let parts = range.elements
            guard parts.count > 2, let first = parts[0].integer, let last = parts[1].integer, first <= last,
                ClusterSlot(first) != nil, ClusterSlot(last) != nil
            else { continue }
            let hosts = parts[2...].compactMap { Self.host($0, asked: asked) }
            guard let primary = hosts.first, Self.host(parts[2], asked: asked) == primary else { continue }
            patience -= last - first + 1
            guard patience >= 0 else { break }
            for slot in first...last { owners[slot] = primary }
            if !primaries.contains(primary) { primaries.append(primary) }
            for host in hosts where !nodes.contains(host) { nodes.append(host) }
        }
        self.owners = owners
        self.primaries = primaries
        self.nodes = nodes
    }

    /// Returns the primary that serves a slot; nil if none does.
    func owner(of slot: ClusterSlot) -> Host? { owners[slot.number] }

    /// Notes the node that MOVED has named.
    mutating func note(_ slot: ClusterSlot, movedTo host: Host) { owners[slot.number] = host }

    private static func host(_ node: RedisReply, asked: Host) -> Host? {
        let parts = node.elements
        guard parts.count > 1, let port = parts[1].integer, (1...65535).contains(port) else { return nil }
        let name = parts[0].string ?? ""
        return Host(name.isEmpty || name == "?" ? asked.name : name, port: port)
    }
}
