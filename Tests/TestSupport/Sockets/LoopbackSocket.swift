import RedstreamSystem

/// Ports of 127.0.0.1, for stand-ins of servers.
package enum LoopbackSocket {
    /// Listens on a free port.
    package static func listen() throws -> (descriptor: Int32, port: Int) {
        let (descriptor, port) = try bound(to: 0)
        guard systemListen(descriptor, 64) == 0 else {
            defer { close(descriptor) }
            throw SystemError("listen")
        }
        return (descriptor, port)
    }

    /// A socket that has a port, on which it does not listen: that one, or any for 0.
    static func bound(to wanted: Int) throws -> (descriptor: Int32, port: Int) {
        #if canImport(Glibc)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { throw SystemError("socket") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(wanted).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
            }
        }
        guard status == 0 else {
            defer { close(descriptor) }
            throw SystemError("bind")
        }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }
}

/// A port of 127.0.0.1 on which nobody listens: any, or the one that is wanted.
package func freePort(wanted: Int = 0) throws -> Int {
    let (descriptor, port) = try LoopbackSocket.bound(to: wanted)
    close(descriptor)
    return port
}

private func systemListen(_ descriptor: Int32, _ backlog: Int32) -> Int32 { listen(descriptor, backlog) }
