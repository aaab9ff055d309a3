import RedstreamConnection

/// Entries of a stream that are to be counted up to a limit.
struct EntryRange: Hashable {
    /// The entries of a range.
    struct Count {
        var entries: EntryCount
        /// The first entry; nil where there is none.
        var first: StreamID?

        static let none = Count(entries: EntryCount(0))
    }

    let key: RedisKey
    let first: StreamID
    let last: StreamID
    let limit: Int?
    /// The most entries that there are to count.
    let length: Int
    /// The size of an entry, as far as it can be guessed.
    private let entrySize: Int

    init(
        of key: RedisKey, from first: StreamID, through last: StreamID, upTo limit: Int?, _ summary: StreamSummary
    ) {
        self.key = key
        self.first = first
        self.last = last
        self.limit = limit
        length = min(summary.length, limit.map { $0 + 1 } ?? .max)
        entrySize = summary.entrySize + 64
    }

    /// True if one reply may have all of the entries in it, also next to others.
    fileprivate var isSmall: Bool { length <= Self.entryLimit && length * entrySize <= Self.byteLimit }

    /// The most entries that one pipeline reads: they cost the server a millisecond or so.
    private static let entryLimit = 10_000
    private static let byteLimit = 1 << 20

    /// Returns the share of a pipeline that a range takes, in thousandths.
    fileprivate var cost: Int { max(1000 * length / Self.entryLimit, 1000 * length * entrySize / (4 * Self.byteLimit)) }
}

extension StreamClient {
    /// Counts entries: several small ranges in one pipeline, others in steps.
    ///
    /// - Parameters:
    ///   - ranges: The ranges.
    ///   - isAlone: True to count each in steps, whose replies are as small as the server wants them.
    /// - Returns: The entries of each.
    /// - Throws: `RedisError`.
    func counts(of ranges: [EntryRange], isAlone: Bool) async throws -> [EntryRange: EntryRange.Count] {
        var counts: [EntryRange: EntryRange.Count] = [:]
        for part in ranges.filter({ $0.isSmall && !isAlone }).parts(upTo: 1000, cost: \.cost) {
            let commands = part.map {
                KeyCommand("XRANGE", $0.key, $0.first.description, $0.last.description, "COUNT", $0.length)
            }
            for (range, reply) in zip(part, try await replies(to: commands)) {
                let entries = StreamEntries(range: try reply.get())
                counts[range] = range.count(entries.count, first: entries.first.flatMap { StreamID(utf8: $0.id) })
            }
        }
        for range in ranges where counts[range] == nil {
            var (counted, first) = (0, StreamID?.none)
            try await walk(
                range.key, from: range.first.description, to: range.last.description, limit: range.length
            ) { entries in
                counted += entries.count
                if first == nil { first = entries.first.flatMap { StreamID(utf8: $0.id) } }
            }
            counts[range] = range.count(counted, first: first)
        }
        return counts
    }
}

extension EntryRange {
    fileprivate func count(_ counted: Int, first: StreamID?) -> Count {
        let limit = limit ?? .max
        return Count(entries: EntryCount(min(counted, limit), isBounded: counted > limit), first: first)
    }
}
