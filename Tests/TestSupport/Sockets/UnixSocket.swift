import RedstreamSystem

/// Unix sockets for stand-ins of servers.
package enum UnixSocket {
    /// Listens at a path.
    package static func listen(at path: String) throws -> Int32 {
        try open(path, "listening at \(path)") { descriptor, address, length in
            bind(descriptor, address, length) == 0 && Self.listen(descriptor) == 0
        }
    }

    /// Connects to a path.
    package static func connect(to path: String) throws -> Int32 {
        try open(path, "connecting to \(path)") { descriptor, address, length in
            systemConnect(descriptor, address, length) == 0
        }
    }

    private static func listen(_ descriptor: Int32) -> Int32 { systemListen(descriptor, 64) }

    private static func open(
        _ path: String, _ what: String, _ use: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Bool
    ) throws -> Int32 {
        #if canImport(Glibc)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        #else
        let descriptor = socket(AF_UNIX, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { throw SystemError(what) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let succeeded = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                use(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard succeeded else {
            defer { close(descriptor) }
            throw SystemError(what)
        }
        return descriptor
    }
}

private func systemConnect(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t)
    -> Int32
{
    connect(descriptor, address, length)
}

private func systemListen(_ descriptor: Int32, _ backlog: Int32) -> Int32 {
    listen(descriptor, backlog)
}
