import RedstreamSystem

/// Opens a socket to a server: resolves its name, and connects to one of its addresses.
struct Dialer {
    let endpoint: Endpoint
    let resolver: HostResolver
    let deadline: Deadline
    let interrupter: Interrupter

    /// Connects.
    ///
    /// - Returns: A connected socket that does not block, registered with the interrupter.
    /// - Throws: ``RedisError`` of kind `connectFailed` or `cancelled`.
    func connect() throws(RedisError) -> Int32 {
        let descriptor = try SocketConnector.connect(
            to: addresses(), of: endpoint.description, by: deadline, interrupter: interrupter)
        if case .host = endpoint { Descriptor.setInteractive(descriptor) }
        return descriptor
    }

    private func addresses() throws(RedisError) -> [SocketAddress] {
        switch endpoint {
        case .socket(let path):
            guard let address = SocketAddress(path: path) else { throw failure(.system(ENAMETOOLONG)) }
            return [address]
        case .host(let host):
            do throws(HostResolver.Failure) {
                let addresses = try resolver.addresses(of: host, by: deadline, interrupter: interrupter)
                if let addresses, !addresses.isEmpty { return addresses }
                guard addresses == nil else { throw HostResolver.Failure("it has no address") }
            } catch {
                throw failure(error.cause)
            }
            guard !interrupter.wasInterrupted else {
                throw RedisError(.cancelled, address: endpoint.description, cause: .cancelled)
            }
            throw failure(.hostUnresolved(SystemError.text(of: ETIMEDOUT)))
        }
    }

    private func failure(_ cause: RedisError.Cause) -> RedisError {
        RedisError(.connectFailed, address: endpoint.description, cause: cause)
    }
}
