import Redstream
import RedstreamConnection

/// The destination of messages: a stream, its delay stream, or the shards of either.
struct ProduceTarget: Sendable {
    let stream: String
    /// The number of shards; nil for none.
    let sharding: Sharding?
    let isDelayed: Bool

    /// The target in words: `products.delay`, `4 shards of products`.
    var name: String {
        guard sharding != nil else { return NameText.shown(names[0]) }
        return (isDelayed ? "the delay streams of " : "") + ShardCheck.place([stream], sharding)
    }

    /// The names of the streams whose messages these are.
    var streams: [String] { sharding?.streams(of: stream) ?? [stream] }

    /// The names of the streams, by which entries name their targets.
    var names: [String] { isDelayed ? streams.map(Keyspace.delayStreamName(of:)) : streams }

    /// The Redis keys of the streams.
    func keys(_ keyspace: Keyspace) -> [RedisKey] { names.map(keyspace.stream) }
}
