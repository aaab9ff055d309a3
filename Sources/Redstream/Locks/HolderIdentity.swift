import RedstreamSystem

/// The values of the locks of a client, which name their holders.
package struct HolderIdentity: Sendable {
    /// The digits that all values of the client begin with.
    private let client = Self.randomHex()

    /// Returns a value that no other lease has: `<random hex>@<host>:<pid>`.
    func make() -> String { "\(client)\(Self.randomHex())@\(Self.hostName):\(getpid())" }

    /// Returns eight hex digits.
    private static func randomHex() -> String {
        let digits = String(UInt32.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// Returns the process that a value names, `<host>:<pid>`; the value itself if it is not one of ours.
    static func process(of holder: String) -> String {
        place(of: holder).map { "\($0.host):\($0.processID)" } ?? holder
    }

    /// Returns the host and the process that a value names; nil if it is not one of ours.
    package static func place(of holder: String) -> (host: String, processID: Int32)? {
        guard let at = holder.firstIndex(of: "@"), let colon = holder.lastIndex(of: ":"), at < colon,
            let processID = Int32(holder[holder.index(after: colon)...])
        else { return nil }
        let host = holder[holder.index(after: at)..<colon]
        return host.isEmpty ? nil : (String(host), processID)
    }

    private static let hostName: String = {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "unknown" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }()
}
