/// The name of a key: any bytes, compared byte by byte, as Redis compares them.
///
/// A `String` cannot name every key, since it holds UTF-8 only, and it takes "é" and "e" with U+0301 for the same.
public struct RedisKey: Sendable, Hashable, RedisArgument {
    /// The bytes.
    public let bytes: [UInt8]

    /// Creates a name from bytes.
    public init(bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
    }

    /// Creates a name from text, as UTF-8.
    public init(_ text: some StringProtocol) {
        bytes = Array(text.utf8)
    }

    /// Appends the bytes as one argument.
    public func append(to pipeline: inout RedisPipeline) {
        bytes.append(to: &pipeline)
    }
}

extension RedisKey: ExpressibleByStringInterpolation, CustomStringConvertible {
    /// Creates a name from a literal, as UTF-8.
    public init(stringLiteral text: String) {
        self.init(text)
    }

    /// The name as text, repaired where it is not UTF-8.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension RedisReply {
    /// The bytes of a string, as the name of a key; nil for anything else.
    public var key: RedisKey? { bytes.map { RedisKey(bytes: $0) } }
}
