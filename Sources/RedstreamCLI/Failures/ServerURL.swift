import Redstream
import RedstreamConnection

/// URLs as hints name them: with the word `password` in place of one.
struct ServerURL {
    private let server: RedisConfiguration

    /// - Parameter server: The server as it was named; nil where that is not known.
    init(_ server: RedisConfiguration?) {
        self.server = server ?? RedisConfiguration()
    }

    /// The URL of the server with a password.
    var withPassword: String { text(user: "\(server.username ?? ""):password@") }

    /// The URL of the server, with the user if one is named.
    var withoutPassword: String { text(user: server.username.map { "\($0)@" } ?? "") }

    /// The URL of the server, without user, password and database.
    var withoutUser: String { text(hasDatabase: false) }

    private func text(user: String = "", hasDatabase: Bool = true) -> String {
        let database = hasDatabase && server.database != 0 ? "\(server.database)" : ""
        return switch server.address {
        case .tcp: "\(scheme(""))\(user)\(server.address)" + (database.isEmpty ? "" : "/\(database)")
        case .unix(let path): "unix://\(user)\(path)" + (database.isEmpty ? "" : "?db=\(database)")
        case .sentinel(let service, let sentinels):
            "\(scheme("+sentinel"))\(user)\(sentinels.map(\.description).joined(separator: ","))/\(service)"
                + (database.isEmpty ? "" : "/\(database)")
        case .cluster: "\(scheme("+cluster"))\(user)\(server.address)"
        }
    }

    /// The URL of the cluster that the server is a node of.
    ///
    /// - Parameter address: The node, as an error names it.
    /// - Returns: The URL.
    func ofCluster(at address: String) -> String {
        // A password from a file is named beside the URL.
        let hasPassword = server.password != nil && server.passwordSource == nil
        let user = hasPassword ? "\(server.username ?? ""):password@" : server.username.map { "\($0)@" } ?? ""
        // The nodes of a cluster meet on ports, and a socket's path is no name of one.
        return "\(scheme("+cluster"))\(user)\(address.begins(with: "/") ? "host:port" : address)"
    }

    private func scheme(_ kind: String) -> String { "\(server.tls == nil ? "redis" : "rediss")\(kind)://" }
}

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
