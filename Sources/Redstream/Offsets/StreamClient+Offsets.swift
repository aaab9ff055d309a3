import RedstreamConnection

extension StreamClient {
    /// The committed offset of a consumer, from GET.
    ///
    /// - Returns: The id of the last committed entry; `0-0` where nothing was committed yet.
    /// - Throws: ``RedstreamError/unknownConsumer(_:)`` where no offset is stored; `RedisError`.
    public func offset(of consumer: ConsumerName) async throws -> StreamID {
        guard let offset = try await storedOffset(of: consumer) else {
            throw RedstreamError.unknownConsumer(consumer)
        }
        return offset
    }

    /// The offset that is stored, or nil.
    func storedOffset(of consumer: ConsumerName) async throws -> StreamID? {
        let key = keys.offset(consumer)
        return try Self.offset(
            in: try await pool.withConnection(for: key) { try await $0.call("GET", key) }, of: consumer)
    }

    /// Reads an offset from the reply to GET; nil if none is stored.
    static func offset(in reply: RedisReply, of consumer: ConsumerName) throws -> StreamID? {
        guard let text = try reply.get().string, !text.isEmpty else { return nil }
        guard let offset = StreamID(lenient: text) else { throw RedstreamError.unreadableOffset(consumer) }
        return offset
    }

    /// The last id that a stream has given out, also where its entry is gone; nil where there is no stream.
    ///
    /// From XINFO STREAM, O(1).
    public func lastID(of stream: String) async throws -> StreamID? {
        try await summary(ofKey: keys.stream(stream))?.lastGeneratedID
    }

    /// The id of the last entry present in a stream; nil where there is none.
    ///
    /// From XINFO STREAM, O(1).
    public func lastEntryID(of stream: String) async throws -> StreamID? {
        try await summary(ofKey: keys.stream(stream))?.lastID
    }

    /// The number of entries with ids in a range, by XRANGE in steps of a thousand: O(entries counted).
    ///
    /// - Parameters:
    ///   - stream: The stream.
    ///   - first: The first id that counts.
    ///   - last: The last id that counts.
    ///   - limit: Where to stop counting; nil counts to the end.
    /// - Returns: The number, or `limit` where there are at least as many.
    /// - Throws: `RedisError`.
    public func countEntries(
        in stream: String, from first: StreamID, through last: StreamID = .max, limit: Int? = nil
    ) async throws -> Int {
        try await count(key: keys.stream(stream), from: first, through: last, limit: limit)
    }

    func count(key: RedisKey, from first: StreamID, through last: StreamID, limit: Int?) async throws -> Int {
        guard first <= last else { return 0 }
        var counted = 0
        try await walk(key, from: first.description, to: last.description, limit: limit ?? .max) {
            counted += $0.count
        }
        return counted
    }

    /// The offset that lies so many entries after another one, or before it for a negative count; the end of the
    /// stream, or `0-0`, where there are not as many.
    func offset(shifting offset: StreamID, by count: Int, in stream: String) async throws -> StreamID {
        if count >= 0 {
            let (last, _) = try await last(of: stream, "XRANGE", from: "(\(offset)", to: "+", steps: count)
            return last ?? offset
        }
        // The offset is the last entry that is not read again: one place further back than the first that is.
        let (last, walked) = try await last(of: stream, "XREVRANGE", from: "\(offset)", to: "-", steps: 1 - count)
        return walked == 1 - count ? last ?? .zero : .zero
    }

    /// The last of so many entries, and how many there are.
    private func last(
        of stream: String, _ command: String, from start: String, to end: String, steps: Int
    ) async throws -> (last: StreamID?, walked: Int) {
        var (last, walked) = (StreamID?.none, 0)
        try await walk(keys.stream(stream), by: command, from: start, to: end, limit: steps) { entries in
            walked += entries.count
            last = entries.last.flatMap { StreamID(utf8: $0.id) } ?? last
        }
        return (last, walked)
    }
}
