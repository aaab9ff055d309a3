import RedstreamConnection

extension FuzzTarget {
    /// URLs of servers: a password shows neither in what is refused, nor in what is accepted.
    static let urls = FuzzTarget(name: "urls") { input in
        let text = input.text
        check(text)
        guard let separator = text.firstRange(of: "://") else { return }
        // The same with a password that can be told from everything else.
        var marked = text
        marked.replaceSubrange(separator, with: "://:\(secret)@")
        check(marked)
        marked = text
        marked.replaceSubrange(separator, with: "://user:\(secret)")
        check(marked)
    }
}

private let secret = "kJ8vQ2xWz5"

private func check(_ url: String) {
    do throws(RedisURLError) {
        let configuration = try RedisConfiguration(url: url)
        var dumped = ""
        dump(configuration, to: &dumped)
        let isPassword = configuration.password?.revealed.contains(secret) ?? false
        if isPassword {
            require(!"\(configuration) \(dumped)".contains(secret), "a configuration does not show its password")
        }
        require(configuration.database >= 0, "a database is a number from 0")
        check(configuration.address)
        guard let other = try? RedisConfiguration(url: url, password: Secret("other")) else {
            preconditionFailure("a password from elsewhere makes no URL invalid")
        }
        require(other.password == Secret("other"), "a password from elsewhere comes first")
        require(other.address == configuration.address, "a password from elsewhere changes no address")
    } catch {
        require(!error.description.isEmpty, "a refusal has a reason")
        require(!error.description.contains(secret), "a refusal does not repeat the URL")
    }
}

private func check(_ address: RedisConfiguration.Address) {
    switch address {
    case .tcp(let host, let port):
        require((1...65535).contains(port), "a port is from 1 to 65535")
        require(!host.isEmpty, "a server has a host")
        let isPlain = host.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789.-".utf8.contains($0) }
        guard isPlain else { return }
        let again = try? RedisConfiguration(url: "redis://\(address)")
        require(again?.address == address, "an address is shown as a URL has it")
    case .unix(let path):
        require(path.hasPrefix("/"), "a socket's path is absolute")
    case .sentinel(let service, let sentinels):
        require(!service.isEmpty, "a service has a name")
        require(!sentinels.isEmpty, "a service has sentinels")
        require(sentinels.allSatisfy { (1...65535).contains($0.port) }, "a port is from 1 to 65535")
    case .cluster(let nodes):
        require(!nodes.isEmpty, "a cluster has nodes")
        require(nodes.allSatisfy { (1...65535).contains($0.port) }, "a port is from 1 to 65535")
    }
}
