import RedstreamSystem

/// Who holds a lock, as an operator reads it in the lock's key.
enum HolderIdentity {
    /// A value that no other holder has: `<random hex>@<host>:<pid>`.
    static func make() -> String {
        let random = String(UInt64.random(in: .min ... .max), radix: 16)
        return "\(random)@\(hostName):\(getpid())"
    }

    private static let hostName: String = {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "unknown" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }()
}
