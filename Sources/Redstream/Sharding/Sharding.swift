import RedstreamConnection

/// Spreads the records of one stream over several, its shards, by their ids.
///
/// The shards of `products` are `products-0`, `products-1` and so on. A record always meets the same shard, so that
/// its messages stay in order, while the shards are consumed side by side. Every process that writes to, or reads
/// from, the shards has to know the same count; another count moves records to other shards.
///
/// ```swift
/// let shards = Sharding(count: 16)
/// let stream = shards.stream("products", id: "42")  // "products-15"
/// let streams = shards.streams(of: "products")  // "products-0" … "products-15"
/// ```
public struct Sharding: Sendable, Hashable {
    /// The most shards of a stream: a record's place is made of four hex digits, and no shard beyond would get one.
    public static let maximumCount = 65_536

    /// The number of shards, from 1 to ``maximumCount``.
    public let count: Int

    /// Creates the sharding of a stream.
    ///
    /// - Parameter count: The number of shards, from 1 to ``maximumCount``.
    public init(count: Int) {
        precondition((1...Self.maximumCount).contains(count), "a stream has 1 to \(Self.maximumCount) shards")
        self.count = count
    }

    /// The shard of a record, from 0.
    ///
    /// It is the first four hex digits of the SHA-1 of the id's text, as a number, modulo the count: what users of
    /// the Ruby gem compute. Numbers count by their digits: `7` and `007` are two ids.
    public func shard(of id: String) -> Int { shard(ofBytes: id.utf8) }

    /// The shard of a record whose id is given as the bytes of its text.
    public func shard(ofBytes id: some Collection<UInt8>) -> Int {
        if let shard = id.withContiguousStorageIfAvailable({ shard(ofBuffer: $0) }) { return shard }
        return Array(id).withUnsafeBufferPointer { shard(ofBuffer: $0) }
    }

    /// The shard of a record whose id is given as the bytes of its text, in memory that is borrowed.
    package func shard(ofBuffer id: UnsafeBufferPointer<UInt8>) -> Int {
        Int(SHA1.leadingWord(of: id) >> 16) % count
    }

    /// The name of a shard's stream, `<stream>-<shard>`.
    public func stream(_ stream: String, shard: Int) -> String { "\(stream)-\(shard)" }

    /// The name of the stream to which the messages of a record go.
    public func stream(_ stream: String, id: String) -> String { self.stream(stream, shard: shard(of: id)) }

    /// The names of all shards' streams, in the order of their numbers.
    public func streams(of stream: String) -> [String] { (0..<count).map { self.stream(stream, shard: $0) } }
}
