import ArgumentParser
import Redstream

/// Checks of options about shards that commands share.
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
}
