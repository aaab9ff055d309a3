extension Descriptor {
    #if canImport(Glibc)
    /// The kind of sockets that carry a stream of bytes, as the system's functions take it.
    package static let streamSocket = Int32(SOCK_STREAM.rawValue)
    #else
    /// The kind of sockets that carry a stream of bytes, as the system's functions take it.
    package static let streamSocket = SOCK_STREAM
    #endif

    #if canImport(Darwin)
    private static let keepAliveTime = TCP_KEEPALIVE
    #else
    private static let keepAliveTime = TCP_KEEPIDLE
    #endif

    /// Opens a socket for a stream of bytes, whose calls do not block, and which no started program inherits.
    ///
    /// - Throws: ``SystemError``, such as for an address family that the system does not have.
    package static func socket(family: Int32) throws(SystemError) -> Int32 {
        try Resources.requireDescriptors(1)
        let descriptor = systemSocket(family, streamSocket, 0)
        guard descriptor >= 0 else { throw SystemError("cannot open a socket") }
        setNonBlocking(descriptor)
        setCloseOnExec(descriptor)
        return descriptor
    }

    /// Makes a TCP socket send small messages at once, and notice within half a minute that its peer is gone while nothing
    /// is sent.
    package static func setInteractive(_ descriptor: Int32) {
        let options = [
            (Int32(IPPROTO_TCP), TCP_NODELAY, 1), (SOL_SOCKET, SO_KEEPALIVE, 1),
            (Int32(IPPROTO_TCP), keepAliveTime, 15), (Int32(IPPROTO_TCP), TCP_KEEPINTVL, 5),
            (Int32(IPPROTO_TCP), TCP_KEEPCNT, 3),
        ]
        for (level, option, value) in options {
            var value = Int32(value)
            _ = setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
        }
    }
}

// Under a name that the function above does not hide.
private func systemSocket(_ family: Int32, _ kind: Int32, _ number: Int32) -> Int32 {
    socket(family, kind, number)
}
