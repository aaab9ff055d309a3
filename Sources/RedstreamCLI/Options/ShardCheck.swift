import ArgumentParser
import Redstream

/// What commands share of options about shards.
enum ShardCheck {
    /// Refuses a bound that bounds nothing.
    static func maxActive(_ maxActive: Int?, _ shards: Sharding?) throws {
        guard let maxActive else { return }
        if shards == nil { throw ValidationError("--max-active goes with --shards") }
        if maxActive < 1 { throw ValidationError("--max-active is at least 1") }
    }

    /// Refuses shards of no stream in particular.
    static func streamIsNamed(_ streams: [String], _ shards: Sharding?) throws {
        if shards != nil, streams.isEmpty { throw ValidationError("--shards are those of a stream: add --stream") }
    }

    /// A stream in words: `products`, `16 shards of products`.
    static func place(_ stream: String, _ shards: Sharding?) -> String {
        shards.map { "\($0.count.counted("shard", "shards")) of \(stream)" } ?? stream
    }
}
