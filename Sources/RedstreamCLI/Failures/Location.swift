import Redstream
import RedstreamConnection

/// The server, the database and the namespace that a command looks at, as a message names them.
struct Location: Sendable, CustomStringConvertible {
    let server: RedisConfiguration
    let namespace: String?

    /// The place that a client works on.
    init(_ client: StreamClient) {
        server = client.pool.configuration
        namespace = client.keys.namespace
    }

    /// `redis://127.0.0.1:6379, db 0, no namespace`.
    var description: String {
        var parts = [ServerURL(server).withoutUser]
        // A cluster has one database only.
        if case .cluster = server.address {} else { parts.append("db \(server.database)") }
        parts.append(namespace.flatMap { $0.isEmpty ? nil : "namespace \($0)" } ?? "no namespace")
        return parts.joined(separator: ", ")
    }
}
