import Redstream

/// The number of shards that a stream seems to have, by the names of the streams that exist.
struct ShardGuess: Sendable, Equatable {
    let stream: String
    /// The numbers of the shards that exist, in order.
    let numbers: [Int]

    /// The number of shards; more if the last ones have no records yet.
    var count: Int { (numbers.last ?? 0) + 1 }

    /// Finds the shards of a stream; nil if the streams that exist do not look like its shards.
    ///
    /// Of `orders-2024` and `orders-2025`, the numbers are years: too few of those below them exist.
    init?(of stream: String, among streams: some Sequence<String>) {
        let found = Set(streams.compactMap { Self.number(of: $0, in: stream) }).sorted()
        guard let last = found.last, last < 32 || found.count * 2 > last else { return nil }
        self.stream = stream
        numbers = found
    }

    /// The streams that exist, and the option that takes them: `products-0 to products-7 exist: add --shards 8`.
    var text: String {
        let stream = NameText.shown(stream)
        guard let first = numbers.first, let last = numbers.last, first != last else {
            return "\(stream)-\(numbers.first ?? 0) exists: add --shards \(count)"
        }
        return "\(stream)-\(first) to \(stream)-\(last) exist: add --shards \(count)"
    }

    private static func number(of shard: String, in stream: String) -> Int? {
        guard let digits = shard.removing(prefix: stream + "-") else { return nil }
        guard let number = Int(digits), String(number) == digits, (0..<Sharding.maximumCount).contains(number) else {
            return nil
        }
        return number
    }
}
