import RedstreamConnection

/// The reply of XINFO STREAM, on every server since 6.2.
package struct StreamSummary: Sendable, Equatable {
    /// Entries present.
    package var length: Int
    /// The first entry present; nil in an empty stream.
    package var firstID: StreamID?
    /// The last entry present; nil in an empty stream.
    package var lastID: StreamID?
    /// The last id given out, whether or not its entry is still there.
    package var lastGeneratedID: StreamID
    /// The highest id that XDEL removed; nil before Redis 7.0.
    ///
    /// XTRIM does not touch it.
    package var maxDeletedID: StreamID?
    /// The nodes that the entries are packed in, by which the work of removing them is to be measured.
    var nodeCount: Int
    /// The number of entries ever added; nil before Redis 7.0.
    package var entriesAdded: Int?

    init?(_ reply: RedisReply) {
        let values = reply.dictionary
        guard let length = values["length"]?.integer,
            let last = values["last-generated-id"]?.string.flatMap({ StreamID($0) })
        else { return nil }
        self.length = length
        lastGeneratedID = last
        firstID = values["first-entry"]?.elements.first?.string.flatMap { StreamID($0) }
        lastID = values["last-entry"]?.elements.first?.string.flatMap { StreamID($0) }
        nodeCount = values["radix-tree-keys"]?.integer ?? length
        maxDeletedID = values["max-deleted-entry-id"]?.string.flatMap { StreamID($0) }
        entriesAdded = values["entries-added"]?.integer
    }
}

extension StreamClient {
    /// Returns what XINFO STREAM says, O(1); nil if there is no such stream.
    package func summary(of stream: String) async throws -> StreamSummary? {
        try await summary(ofKey: keys.stream(stream))
    }

    /// XINFO STREAM for a key; nil where the key does not exist.
    func summary(ofKey key: RedisKey) async throws -> StreamSummary? {
        // The reply has two entries of the stream in it.
        try await ReadSizes(maximum: 1).reading("the first or the last of the stream", loggingTo: logger) { _ in
            try await pool.withConnection(for: key) { connection in
                let reply = try await connection.execute(RedisPipeline("XINFO", "STREAM", key))[0]
                if let error = reply.error {
                    if error.serverCode == .noSuchKey { return (nil, 1) }
                    throw error
                }
                return (StreamSummary(reply), 1)
            }
        }
    }
}
