import RedstreamSystem

/// Tells names of hosts from addresses, which TLS treats differently.
enum SocketName {
    /// Whether a host is an IP address.
    static func isAddress(_ host: String) -> Bool {
        var four = in_addr()
        var six = in6_addr()
        return inet_pton(AF_INET, host, &four) == 1 || inet_pton(AF_INET6, host, &six) == 1
    }
}
