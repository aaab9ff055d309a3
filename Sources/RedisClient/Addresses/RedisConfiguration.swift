/// Says how to reach a Redis server and how long to wait for it.
///
/// ```swift
/// var configuration = try RedisConfiguration(url: "redis://user:secret@127.0.0.1:6379/2")
/// configuration.commandTimeout = .seconds(2)
/// ```
public struct RedisConfiguration: Sendable, Equatable {
    /// Where a server listens.
    public enum Address: Sendable, Equatable, CustomStringConvertible {
        /// A host name or IP address, and a port.
        case tcp(host: String, port: Int)
        /// The path of a Unix socket.
        case unix(path: String)

        /// `host:port`, or the path.
        public var description: String {
            switch self {
            case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
            case .unix(let path): path
            }
        }
    }

    /// The server to connect to.
    public var address: Address
    /// The ACL user; nil for the default user.
    public var username: String?
    /// The password sent with AUTH; nil sends no AUTH.
    public var password: Secret?
    /// The database number, chosen with SELECT; 0 sends no SELECT.
    public var database: Int
    /// How long opening a connection may take; 5 seconds by default.
    public var connectTimeout: Duration
    /// How long the server may take to answer a command that does not block; 5 seconds by default.
    ///
    /// A blocking command waits for its own time on top.
    public var commandTimeout: Duration

    /// Creates a configuration; everything but the address has a default.
    public init(
        address: Address = .tcp(host: "127.0.0.1", port: 6379),
        username: String? = nil,
        password: Secret? = nil,
        database: Int = 0,
        connectTimeout: Duration = .seconds(5),
        commandTimeout: Duration = .seconds(5)
    ) {
        self.address = address
        self.username = username
        self.password = password
        self.database = database
        self.connectTimeout = connectTimeout
        self.commandTimeout = commandTimeout
    }
}
