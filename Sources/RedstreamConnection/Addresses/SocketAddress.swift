import RedstreamSystem

/// An address that connect(2) takes: an IP address and a port, or the path of a Unix socket.
package struct SocketAddress: Sendable, Hashable {
    /// The address family, such as `AF_INET6`.
    let family: Int32
    /// The `sockaddr` of the family.
    private let bytes: [UInt8]

    /// Copies an address that the system has returned.
    init(_ address: UnsafePointer<sockaddr>, length: socklen_t) {
        family = Int32(address.pointee.sa_family)
        bytes = Array(UnsafeRawBufferPointer(start: address, count: Int(length)))
    }

    /// The address of a Unix socket; nil if the path is longer than the system allows.
    package init?(path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array(path.utf8) + [0]
        guard path.count <= MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        family = AF_UNIX
        bytes = withUnsafeBytes(of: &address) { Array($0) }
    }

    /// Calls a function of the system with the address.
    func withPointer<Value>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(bytes.count)) }
        }
    }

    /// The IP address in digits; nil for a Unix socket.
    var ip: String? {
        guard family != AF_UNIX else { return nil }
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let status = withPointer { getnameinfo($0, $1, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) }
        guard status == 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension [SocketAddress] {
    /// The same addresses, with the families in turn, so that one family that leads nowhere does not hold up the other.
    var interleaved: [SocketAddress] {
        guard let family = first?.family else { return [] }
        let preferred = filter { $0.family == family }
        let others = filter { $0.family != family }
        var result: [SocketAddress] = []
        for place in 0..<Swift.max(preferred.count, others.count) {
            if place < preferred.count { result.append(preferred[place]) }
            if place < others.count { result.append(others[place]) }
        }
        return result
    }
}
