import FoundationEssentials

/// Says why a text is not the URL of a Redis server.
///
/// It never repeats the text, which may hold a password.
public struct RedisURLError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The reason, as a clause that follows "the URL".
    public let description: String
}

extension RedisConfiguration {
    /// Parses `redis://[user[:password]@]host[:port][/db]`, the same as `rediss://` with TLS, `unix:///path[?db=N]`, or
    /// `redis+sentinel://[auth@]host[:port],…/service[/db]`, whose hosts are sentinels.
    ///
    /// User and password may hold any character, percent-encoded. A user without a password is refused, except
    /// in the old form `redis://:password@host`, which names a password only.
    ///
    /// - Parameters:
    ///   - url: The text of the URL.
    ///   - password: A password that comes from elsewhere, and before that of the URL.
    /// - Throws: ``RedisURLError`` with what is wrong; it never contains the text.
    public init(url: String, password: Secret? = nil) throws(RedisURLError) {
        guard let separator = url.firstRange(of: "://") else {
            throw RedisURLError(
                description: "has no scheme: it starts with redis://, rediss://, redis+sentinel:// or unix://")
        }
        let scheme = url[..<separator.lowerBound].lowercased()
        switch scheme {
        case "redis": try self.init(redisURL: url, password: password)
        case "unix": try self.init(unixURL: url, password: password)
        case "rediss":
            try self.init(redisURL: url, password: password)
            tls = TLS()
        case "redis+sentinel": try self.init(sentinelURL: url[separator.upperBound...], password: password)
        case "redis+cluster":
            throw RedisURLError(description: "has the scheme \(scheme)://, which this version does not speak yet")
        default:
            throw RedisURLError(
                description: "has an unknown scheme: it starts with redis://, rediss://, redis+sentinel:// or unix://")
        }
    }

    private init(redisURL: String, password: Secret?) throws(RedisURLError) {
        let parts = try Self.components(of: redisURL)
        guard parts.query == nil, parts.fragment == nil else {
            throw RedisURLError(description: "has a ? or # outside of its parts: percent-encode it in a password")
        }
        let host = parts.host.map { $0.hasPrefix("[") ? String($0.dropFirst().dropLast()) : $0 } ?? ""
        let port = parts.port ?? 6379
        guard (1...65535).contains(port) else {
            throw RedisURLError(description: "has a port outside of 1…65535")
        }
        self.init(address: .tcp(host: host.isEmpty ? "127.0.0.1" : host, port: port))
        try setCredentials(from: parts, password: password)
        let path = parts.path.drop { $0 == "/" }
        if !path.isEmpty { database = try Self.database(String(path)) }
    }

    private init(unixURL: String, password: Secret?) throws(RedisURLError) {
        let parts = try Self.components(of: unixURL)
        guard (parts.host ?? "").isEmpty, parts.path.count > 1 else {
            throw RedisURLError(description: "names no socket: write unix:///path/to/socket, with three slashes")
        }
        self.init(address: .unix(path: parts.path))
        try setCredentials(from: parts, password: password)
        for item in parts.queryItems ?? [] {
            guard item.name == "db", let value = item.value else {
                throw RedisURLError(description: "has an unknown parameter: only ?db=N is known")
            }
            database = try Self.database(value)
        }
    }

    private init(sentinelURL rest: Substring, password: Secret?) throws(RedisURLError) {
        let authority = rest.prefix { $0 != "/" }
        let credentials = authority.lastIndex(of: "@").map { authority[...$0] } ?? ""
        var sentinels: [Host] = []
        for host in authority.dropFirst(credentials.count).split(separator: ",", omittingEmptySubsequences: false) {
            // Each is read as the host of a URL of its own, since a URL has one host only.
            guard case .tcp(let name, let port) = try Self(redisURL: "redis://\(host)", password: nil).address,
                !host.isEmpty
            else { throw RedisURLError(description: "names no sentinel between two commas") }
            sentinels.append(Host(name, port: host.hasSuffix(":\(port)") ? port : 26379))
        }
        let path = rest.dropFirst(authority.count).split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        guard let encoded = path.first, !encoded.isEmpty, path.count <= 2 else {
            throw RedisURLError(description: "names no service: write redis+sentinel://host:26379/service")
        }
        let service = String(try Self.components(of: "redis://host/\(encoded)").path.dropFirst())
        self.init(address: .sentinel(service: service, sentinels: sentinels))
        try setCredentials(from: Self.components(of: "redis://\(credentials)host"), password: password)
        if path.count == 2, let last = path.last, !last.isEmpty { database = try Self.database(String(last)) }
    }

    private static func components(of url: String) throws(RedisURLError) -> URLComponents {
        // URLComponents would encode a stray character silently; what the user typed is then not what is used.
        guard let parts = URLComponents(string: url, encodingInvalidCharacters: false) else {
            throw RedisURLError(
                description: "cannot be read: special characters in user, password or path are percent-encoded "
                    + "(@ is %40, / is %2F, # is %23)")
        }
        return parts
    }

    private mutating func setCredentials(
        from parts: URLComponents, password: Secret?
    ) throws(RedisURLError) {
        let user = parts.user ?? ""
        let secret = parts.password ?? ""
        guard !secret.isEmpty || user.isEmpty || password != nil else {
            throw RedisURLError(
                description: "names a user without a password: write user:password@, or :password@ for the default user"
            )
        }
        username = user.isEmpty ? nil : user
        self.password = password ?? (secret.isEmpty ? nil : Secret(secret))
    }

    private static func database(_ text: String) throws(RedisURLError) -> Int {
        guard let number = Int(text), number >= 0 else {
            throw RedisURLError(description: "has a database that is not a number")
        }
        return number
    }
}
