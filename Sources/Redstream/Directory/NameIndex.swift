package import RedstreamConnection

/// The names of streams, or of the consumers of one, as they are kept on one server, for completion: of some the keys may be gone.
package struct NameIndex: Sendable {
    private let set: RedisKey
    private let record: RedisKey
    /// The keys of names begin so.
    private let prefix: RedisKey
    /// The keys that are wanted begin so.
    private let start: RedisKey

    /// The names of streams that begin with a text.
    package static func streams(beginningWith text: String, in keys: Keyspace) -> NameIndex {
        NameIndex(
            set: keys.streamNames, record: keys.scanRecord, prefix: keys.stream(""), start: keys.stream(text))
    }

    /// The names of a stream's consumers that begin with a text.
    package static func consumers(of stream: String, beginningWith text: String, in keys: Keyspace) -> NameIndex {
        func key(_ name: String) -> RedisKey { keys.offset(ConsumerName(stream: stream, name: name)) }
        return NameIndex(
            set: keys.consumers(of: stream), record: keys.scanRecord, prefix: key(""), start: key(text))
    }

    /// The commands that read it.
    package var pipeline: RedisPipeline {
        var pipeline = RedisPipeline("HGETALL", record)
        pipeline.append("INFO", "server")
        pipeline.append("ZRANGE", set, 0, -1)
        return pipeline
    }

    /// Returns the keys of the names; nil where the database is small, or was not scanned, or the user may not ask.
    package func keys(in replies: RedisReplies) -> [RedisKey]? {
        guard let record = ScanRecord(replies[0]), record.pages > ScanRecord.fewPages,
            let server = RedisInfo(replies[1])["run_id"], record.covers([server]), replies[2].kind == .array
        else { return nil }
        let keys = replies[2].elements.map { prefix + RedisKey(bytes: $0.bytes ?? []) }
        return keys.filter { $0.bytes.starts(with: start.bytes) }
    }
}
