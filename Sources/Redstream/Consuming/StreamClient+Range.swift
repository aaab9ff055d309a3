import RedstreamConnection

extension StreamClient {
    /// Walks over a range of entries, a thousand or fewer at a time: O(entries).
    ///
    /// - Parameters:
    ///   - key: The stream's key.
    ///   - command: XRANGE, or XREVRANGE for the way back.
    ///   - start: The first id, or `(` and the id before it.
    ///   - end: The last id.
    ///   - limit: The most entries.
    ///   - take: Is given the entries of each step, in order.
    /// - Throws: `RedisError`.
    func walk(
        _ key: RedisKey, by command: String = "XRANGE", from start: String, to end: String, limit: Int = .max,
        _ take: (StreamEntries) -> Void
    ) async throws {
        let sizes = ReadSizes(maximum: 1000)
        var (from, rest) = (start, limit)
        while rest > 0 {
            let (first, most) = (from, rest)
            let (entries, isFull) = try await sizes.reading("the next from \(first)", loggingTo: logger) { size in
                let count = min(size, most)
                let reply = try await pool.withConnection(for: key) {
                    try await $0.call(command, key, first, end, "COUNT", count)
                }
                let entries = StreamEntries(range: reply)
                return ((entries, entries.count == count), entries.count)
            }
            take(entries)
            rest -= entries.count
            guard isFull, let last = entries.last.flatMap({ StreamID(utf8: $0.id) }) else { return }
            from = "(\(last)"
        }
    }
}
