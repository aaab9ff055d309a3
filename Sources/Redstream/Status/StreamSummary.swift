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
    /// The bytes of the larger one of the first and the last entry, by which the size of others is guessed.
    var entrySize: Int

    /// Reads the reply to XINFO STREAM.
    ///
    /// - Returns: The summary; nil if there is no such stream.
    /// - Throws: The error that the server has answered.
    static func read(_ reply: RedisReply) throws(RedisError) -> StreamSummary? {
        guard reply.error?.serverCode != .noSuchKey else { return nil }
        return StreamSummary(try reply.get())
    }

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
        entrySize =
            ["first-entry", "last-entry"].map { name in
                let fields = values[name]?.elements.last?.elementSequence.lazy.map { $0.bytes?.count ?? 0 }
                return fields?.reduce(0, +) ?? 0
            }.max() ?? 0
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
                (try StreamSummary.read(try await connection.execute(RedisPipeline("XINFO", "STREAM", key))[0]), 1)
            }
        }
    }
}
