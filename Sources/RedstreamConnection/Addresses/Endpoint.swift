/// A place where one server listens.
enum Endpoint: Sendable, Hashable, CustomStringConvertible {
    case host(RedisConfiguration.Host)
    case socket(path: String)

    /// `host:port`, or the path.
    var description: String {
        switch self {
        case .host(let host): host.description
        case .socket(let path): path
        }
    }
}
