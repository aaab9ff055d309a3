import RedstreamSystem

/// Ports of 127.0.0.1, for stand-ins of servers.
package enum LoopbackSocket {
    /// Listens on a free port; the system takes about `backlog` connections that nobody accepts.
    package static func listen(backlog: Int32 = 64) throws -> (descriptor: Int32, port: Int) {
        let (descriptor, port) = try bound(to: 0)
        guard systemListen(descriptor, backlog) == 0 else {
            defer { close(descriptor) }
            throw SystemError("listen")
        }
        return (descriptor, port)
    }

    /// A socket that has a port, on which it does not listen: that one, or any for 0.
    static func bound(to wanted: Int) throws -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Descriptor.streamSocket, 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var address = loopback(wanted)
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

    /// Begins to connect to a port; returns whether it is connected within a time.
    static func connects(_ descriptor: Int32, to port: Int, within milliseconds: Int32) -> Bool {
        Descriptor.setNonBlocking(descriptor)
        var address = loopback(port)
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                systemConnect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        var item = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return status == 0 || poll(&item, 1, milliseconds) > 0
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}

/// A port of 127.0.0.1 that neither takes connections nor refuses them, as that of a host that is gone.
package final class SilentPort: Sendable {
    /// The port.
    package let port: Int
    private let descriptors: [Int32]

    /// Fills the queue of a listener: the system drops what else comes.
    package init() throws {
        let (listener, port) = try LoopbackSocket.listen(backlog: 0)
        var descriptors = [listener]
        while true {
            let descriptor = try Descriptor.socket(family: AF_INET)
            descriptors.append(descriptor)
            guard LoopbackSocket.connects(descriptor, to: port, within: 100) else { break }
        }
        self.port = port
        self.descriptors = descriptors
    }

    deinit {
        for descriptor in descriptors { close(descriptor) }
    }

    /// Waits until somebody tries to connect.
    package func waitForAttempt() async throws {
        // The state 02 is SYN_SENT; the last descriptor is there already.
        let remote = "0100007F:" + String(port, radix: 16, uppercase: true).leftPadded(to: 4) + " 02"
        try await eventually("somebody connects to port \(port)") {
            try connections().split(separator: "\n").count { $0.contains(remote) } > 1
        }
    }
}

/// Returns the system's table of TCP connections.
///
/// It has no size, so that `String(contentsOfFile:)` reads its beginning only.
private func connections() throws -> String {
    let descriptor = open("/proc/net/tcp", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError("open") }
    defer { close(descriptor) }
    var table: [UInt8] = []
    while case let part = try Descriptor.read(from: descriptor, atMost: 64 << 10), !part.isEmpty { table += part }
    return String(decoding: table, as: UTF8.self)
}

extension String {
    fileprivate func leftPadded(to length: Int) -> String {
        String(repeating: "0", count: max(0, length - count)) + self
    }
}

/// A port of 127.0.0.1 on which nobody listens: any, or the one that is wanted.
package func freePort(wanted: Int = 0) throws -> Int {
    let (descriptor, port) = try LoopbackSocket.bound(to: wanted)
    close(descriptor)
    return port
}

private func systemListen(_ descriptor: Int32, _ backlog: Int32) -> Int32 { listen(descriptor, backlog) }

private func systemConnect(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    connect(descriptor, address, length)
}
