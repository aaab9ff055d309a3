import RedstreamConnection

/// The state of a node of a cluster, by its own CLUSTER NODES.
struct ClusterNode: Sendable {
    let server: AppendOnlyServer
    /// Its name in the cluster.
    let name: String
    let isPrimary: Bool
    /// The name of the node that it is a replica of; nil for a primary.
    let primary: String?
    /// The later of two that claim the same slot has the higher one.
    let epoch: Int
    /// True if it holds no node for dead, and all slots for served.
    let isContent: Bool
    private let slots: [ClosedRange<Int>]

    func serves(_ slot: Int) -> Bool { isPrimary && slots.contains { $0.contains(slot) } }

    /// Asks a node; nil where it says nothing of use.
    static func look(at server: AppendOnlyServer) async throws -> ClusterNode? {
        let connection = try await server.connect()
        defer { connection.close() }
        let view = try await connection.call("CLUSTER", "NODES").string ?? ""
        let info = try await connection.call("CLUSTER", "INFO").string ?? ""
        return ClusterNode(server, view: view, info: info)
    }

    private init?(_ server: AppendOnlyServer, view: String, info: String) {
        let lines = view.split(separator: "\n").map { $0.split(separator: " ") }
        guard let own = lines.first(where: { $0.count > 7 && $0[2].contains("myself") }) else { return nil }
        self.server = server
        name = String(own[0])
        isPrimary = own[2].contains("master")
        primary = own[3] == "-" ? nil : String(own[3])
        epoch = Int(own[6]) ?? 0
        isContent =
            info.contains("cluster_state:ok") && !lines.contains { $0.count > 2 && $0[2].contains("fail") }
        slots = own[8...].compactMap { range in
            // A slot that is on its way is named once more, in brackets.
            let bounds = range.hasPrefix("[") ? [] : range.split(separator: "-").compactMap { Int($0) }
            return bounds.first.flatMap { first in bounds.last.map { first...max(first, $0) } }
        }
    }
}
