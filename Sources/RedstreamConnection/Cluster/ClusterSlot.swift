/// One of the 16,384 parts into which a cluster divides its keys.
///
/// A key's slot is the CRC16 (XMODEM) of its hash tag modulo 16,384: of what stands between its first `{` and the next
/// `}`, if that is anything at all, and of the whole key otherwise.
public struct ClusterSlot: Sendable, Hashable, CustomStringConvertible {
    /// The number of slots.
    public static let count = 16_384

    /// The slot's number, from 0.
    public let number: Int

    /// The slot of a key.
    public init(of key: RedisKey) {
        self.init(of: key.bytes[...])
    }

    /// The slot of a key whose name is text.
    public init(of key: String) {
        self.init(of: RedisKey(key))
    }

    /// The slot of a key, given as its bytes.
    init(of key: ArraySlice<UInt8>) {
        number = key.withUnsafeBufferPointer { Int(Self.checksum(of: Self.hashTag(in: $0))) % Self.count }
    }

    /// The slot of that number; nil where there is none.
    init?(_ number: Int) {
        guard (0..<Self.count).contains(number) else { return nil }
        self.number = number
    }

    /// The slot's number.
    public var description: String { "\(number)" }

    /// The bytes of a key that decide its slot.
    private static func hashTag(in key: UnsafeBufferPointer<UInt8>) -> Slice<UnsafeBufferPointer<UInt8>> {
        guard let open = key.firstIndex(of: UInt8(ascii: "{")),
            let close = key[(open + 1)...].firstIndex(of: UInt8(ascii: "}")), close > open + 1
        else { return key[...] }
        return key[(open + 1)..<close]
    }

    private static func checksum(of bytes: some Sequence<UInt8>) -> UInt16 {
        bytes.reduce(0) { sum, byte in (sum << 8) ^ table[Int(UInt8(sum >> 8) ^ byte)] }
    }

    private static let table: [UInt16] = (0..<256).map { index in
        (0..<8).reduce(UInt16(index) << 8) { sum, _ in sum & 0x8000 == 0 ? sum << 1 : (sum << 1) ^ 0x1021 }
    }
}

/// The node of a cluster that commands are meant for; it does not matter without a cluster.
enum ClusterTarget: Sendable, Hashable {
    /// Any primary.
    case any
    /// The primary that serves a slot.
    case slot(ClusterSlot)
    /// One node.
    case node(RedisConfiguration.Host)

    /// True if it is one node, wherever the slots are.
    var isNode: Bool { if case .node = self { true } else { false } }

    /// The target of commands about a key, or about none.
    init(key: RedisKey?) {
        if let key { self = .slot(ClusterSlot(of: key)) } else { self = .any }
    }
}
