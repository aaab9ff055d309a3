import FoundationEssentials

/// The reason why a text is not the URL of a Redis server.
///
/// It never repeats the text, which may hold a password.
public struct RedisURLError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The reason, as a clause that follows "the URL".
    public let description: String
}

extension RedisConfiguration {
    /// Parses `redis://[user[:password]@]host[:port][/db]`, the same as `rediss://` with TLS, `unix:///path[?db=N]`,
    /// `redis+sentinel://[auth@]host[:port],…/service[/db]`, whose hosts are sentinels, or
    /// `redis+cluster://[auth@]host[:port],…`, whose hosts are nodes of a cluster; the last two with `rediss+` for TLS.
    ///
    /// User and password may hold any character, percent-encoded. A user without a password, as in `redis://user@host`, is
    /// one whom the server's ACL allows any password. `redis://:password@host` names a password of the default user.
    ///
    /// - Parameters:
    ///   - url: The text of the URL.
    ///   - password: A password that comes from elsewhere, and before that of the URL.
    /// - Throws: ``RedisURLError`` with what is wrong; it never contains the text.
    public init(url: String, password: Secret? = nil) throws(RedisURLError) {
        guard let separator = url.utf8.firstRange(of: "://".utf8) else {
            throw RedisURLError(
                description: "has no scheme: \(Self.schemes)")
        }
        let scheme = url[..<separator.lowerBound].lowercased()
        switch scheme {
        case "redis": try self.init(redisURL: url, password: password)
        case "unix": try self.init(unixURL: url, password: password)
        case "rediss":
            try self.init(redisURL: url, password: password)
            tls = TLS()
        case "redis+sentinel": try self.init(sentinelURL: url[separator.upperBound...], password: password)
        case "rediss+sentinel":
            try self.init(sentinelURL: url[separator.upperBound...], password: password)
            tls = TLS()
        case "redis+cluster": try self.init(clusterURL: url[separator.upperBound...], password: password)
        case "rediss+cluster":
            try self.init(clusterURL: url[separator.upperBound...], password: password)
            tls = TLS()
        default: throw RedisURLError(description: "has an unknown scheme: \(Self.schemes)")
        }
    }

    private static let schemes =
        "it starts with redis://, rediss://, redis+sentinel://, redis+cluster:// or unix://"

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
        setCredentials(from: parts, password: password)
        let path = parts.path.drop { $0 == "/" }
        if !path.isEmpty { database = try Self.database(String(path)) }
    }

    private init(unixURL: String, password: Secret?) throws(RedisURLError) {
        let parts = try Self.components(of: unixURL)
        guard (parts.host ?? "").isEmpty, parts.path.count > 1 else {
            throw RedisURLError(description: "names no socket: write unix:///path/to/socket, with three slashes")
        }
        self.init(address: .unix(path: parts.path))
        setCredentials(from: parts, password: password)
        for item in parts.queryItems ?? [] {
            guard item.name == "db", let value = item.value else {
                throw RedisURLError(description: "has an unknown parameter: only ?db=N is known")
            }
            database = try Self.database(value)
        }
    }

    private init(sentinelURL rest: Substring, password: Secret?) throws(RedisURLError) {
        let authority = Authority(rest)
        let sentinels = try authority.hosts(called: "sentinel", defaultPort: 26379)
        let path = rest.unicodeScalars.dropFirst(authority.text.unicodeScalars.count)
            .split(separator: "/", omittingEmptySubsequences: false).map(String.init).dropFirst()
        guard let encoded = path.first, !encoded.isEmpty, path.count <= 2 else {
            throw RedisURLError(description: "names no service: write redis+sentinel://host:26379/service")
        }
        let parts = try Self.components(of: "redis://host/\(encoded)")
        let service = String(parts.path.unicodeScalars.dropFirst())
        guard !service.isEmpty, parts.query == nil, parts.fragment == nil else {
            throw RedisURLError(description: "has a ? or # behind its hosts: write redis+sentinel://host/service")
        }
        self.init(address: .sentinel(service: service, sentinels: sentinels))
        setCredentials(from: try Self.components(of: "redis://\(authority.credentials)host"), password: password)
        if path.count == 2, let last = path.last, !last.isEmpty { database = try Self.database(String(last)) }
    }

    private init(clusterURL rest: Substring, password: Secret?) throws(RedisURLError) {
        let authority = Authority(rest)
        let nodes = try authority.hosts(called: "node", defaultPort: 6379)
        guard ["", "/", "/0"].contains(String(rest.unicodeScalars.dropFirst(authority.text.unicodeScalars.count)))
        else {
            throw RedisURLError(description: "names a database or a path: a cluster has its one database only")
        }
        self.init(address: .cluster(nodes: nodes))
        setCredentials(from: try Self.components(of: "redis://\(authority.credentials)host"), password: password)
    }

    /// The part of a URL between the scheme and the path, if several hosts may be named.
    private struct Authority {
        let text: Substring
        /// User and password, with the `@`; empty where there are none.
        let credentials: Substring

        init(_ rest: Substring) {
            text = Substring(rest.unicodeScalars.prefix { $0 != "/" })
            let end = text.unicodeScalars.lastIndex(of: "@")
            credentials = end.map { [text] in Substring(text.unicodeScalars[...$0]) } ?? ""
        }

        /// The hosts between the commas.
        func hosts(called what: String, defaultPort: Int) throws(RedisURLError) -> [Host] {
            var hosts: [Host] = []
            let names = text.unicodeScalars.dropFirst(credentials.unicodeScalars.count)
            for host in names.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
                // Each is read as the host of a URL of its own, since a URL has one host only.
                guard
                    case .tcp(let name, let port) =
                        try RedisConfiguration(redisURL: "redis://\(host)", password: nil).address, !host.isEmpty
                else { throw RedisURLError(description: "names no \(what) between two commas") }
                hosts.append(Host(name, port: host.hasSuffix(":\(port)") ? port : defaultPort))
            }
            return hosts
        }
    }

    private static func components(of url: String) throws(RedisURLError) -> URLComponents {
        // URLComponents would encode a stray character silently; what the user typed is then not what is used.
        guard let parts = URLComponents(string: url, encodingInvalidCharacters: false) else {
            throw RedisURLError(
                description: "cannot be read: special characters in user, password or path are percent-encoded "
                    + "(@ is %40, / is %2F, # is %23)")
        }
        // A part that is not UTF-8 would be left out.
        guard String(validating: decoded(url), as: UTF8.self) != nil else {
            throw RedisURLError(description: "has percent-encoded bytes that are not UTF-8")
        }
        guard !parts.path.utf8.contains(0), parts.host?.utf8.contains(0) != true else {
            throw RedisURLError(description: "has a NUL in its host or path")
        }
        return parts
    }

    /// Returns the bytes of a URL with its percent-encoded ones decoded.
    private static func decoded(_ url: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Substring(url).utf8
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"),
                let decoded = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(decoded)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }

    private mutating func setCredentials(from parts: URLComponents, password: Secret?) {
        let user = parts.user ?? ""
        let secret = parts.password ?? ""
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
