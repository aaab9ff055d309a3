/// The way to a Redis server, and how long to wait for it.
///
/// ```swift
/// var configuration = try RedisConfiguration(url: "redis://user:secret@127.0.0.1:6379/2")
/// configuration.commandTimeout = .seconds(2)
/// ```
public struct RedisConfiguration: Sendable, Equatable {
    /// A place where a server listens.
    public enum Address: Sendable, Equatable, CustomStringConvertible {
        /// A host name or IP address, and a port.
        case tcp(host: String, port: Int)
        /// The path of a Unix socket.
        case unix(path: String)
        /// The primary of a service, as its sentinels know it.
        ///
        /// All of them are asked for each connection, so that a failover is followed. A connection is only used if its
        /// server says itself that it is a primary.
        case sentinel(service: String, sentinels: [Host])
        /// The nodes of a cluster, of which any may be named: they know the others.
        ///
        /// A connection goes to the primary that serves its key, and follows the key to another.
        case cluster(nodes: [Host])

        /// `host:port`, the path, `service@host:port,…`, or `host:port,…`.
        public var description: String {
            switch self {
            case .tcp(let host, let port): Host(host, port: port).description
            case .unix(let path): path
            case .sentinel(let service, let sentinels):
                "\(service)@\(sentinels.map(\.description).joined(separator: ","))"
            case .cluster(let nodes): nodes.map(\.description).joined(separator: ",")
            }
        }

        /// True if a failover may put another server in the place of one that fails.
        package var hasFailover: Bool {
            switch self {
            case .tcp, .unix: false
            case .sentinel, .cluster: true
            }
        }
    }

    /// A host and a port of it.
    public struct Host: Sendable, Hashable, CustomStringConvertible {
        /// The host's name, or its IP address.
        public let name: String
        /// The port, from 1 to 65535.
        public let port: Int

        /// Creates a host and a port.
        public init(_ name: String, port: Int) {
            self.name = name
            self.port = port
        }

        /// `host:port`, or `[address]:port`.
        public var description: String { name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)" }
    }

    /// The server to connect to.
    public var address: Address
    /// The encryption of the connection; nil for none, as on a Unix socket.
    public var tls: TLS?
    /// The ACL user; nil for the default user.
    public var username: String?
    /// The password sent with AUTH; nil for none.
    ///
    /// A user without a password is sent with an empty one.
    public var password: Secret?
    /// A source of passwords that takes the place of ``password``; nil for none.
    public var passwordSource: PasswordSource?
    /// The database number, chosen with SELECT; 0 sends no SELECT.
    public var database: Int
    /// The longest time for opening a connection; 5 seconds by default.
    public var connectTimeout: Duration
    /// The longest time for the answer to a command that does not block; 5 seconds by default.
    ///
    /// A blocking command waits for its own time on top.
    public var commandTimeout: Duration
    /// The way from the names of hosts to addresses.
    package var resolver = HostResolver.system

    /// True if sentinels name the server, so that it may be another one next time.
    var isFollowingPrimary: Bool {
        if case .sentinel = address { true } else { false }
    }

    /// Creates a configuration; everything but the address has a default.
    public init(
        address: Address = .tcp(host: "127.0.0.1", port: 6379),
        tls: TLS? = nil,
        username: String? = nil,
        password: Secret? = nil,
        database: Int = 0,
        connectTimeout: Duration = .seconds(5),
        commandTimeout: Duration = .seconds(5)
    ) {
        self.address = address
        self.tls = tls
        self.username = username
        self.password = password
        self.database = database
        self.connectTimeout = connectTimeout
        self.commandTimeout = commandTimeout
    }
}

extension RedisConfiguration {
    /// The certificates of an encrypted connection.
    ///
    /// The server's certificate has to be valid, signed by a trusted authority, and for the host that was connected to.
    public struct TLS: Sendable, Hashable {
        /// A PEM file of the authorities that are trusted; nil for those of the system.
        public var authoritiesFile: String?
        /// A PEM file with this client's certificate, and those between it and its authority; nil for none.
        public var certificateFile: String?
        /// A PEM file with the key of this client's certificate.
        public var keyFile: String?

        /// Creates settings; without any, the system's authorities are trusted.
        public init(authoritiesFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil) {
            self.authoritiesFile = authoritiesFile
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }
}
