/// The attempts hash that an earlier process has left: the numbers of tries of entries that are not committed yet.
///
/// A field is the id of the last entry of a part that was tried, its value the attempts begun. It speaks for all
/// entries up to that one, from the one after the field before it. The field `alone` names the entry that was tried
/// by itself at last.
struct StoredAttempts: Equatable {
    struct Count: Equatable {
        var last: StreamID
        var attempts: Int
    }

    static let aloneField = "alone"
    static let empty = StoredAttempts()

    /// The counts, by rising id.
    private(set) var counts: [Count] = []
    private(set) var alone: StreamID?

    init() {}

    /// Reads the hash, as HGETALL answers; what makes no sense is passed over.
    ///
    /// - Parameters:
    ///   - hash: The fields and their values.
    ///   - offset: What is committed; counts up to it are old.
    init(hash: [(field: String, value: String)], after offset: StreamID) {
        for (field, value) in hash {
            if field == Self.aloneField {
                alone = StreamID(value)
            } else if let last = StreamID(field), last > offset, let attempts = Int(value), attempts > 0 {
                counts.append(Count(last: last, attempts: attempts))
            }
        }
        counts.sort { $0.last < $1.last }
    }

    /// The parts in which to try a batch.
    func parts(of messages: [Message]) -> [BatchBisection.Part] {
        var parts: [BatchBisection.Part] = []
        var start = 0
        for count in counts where start < messages.count {
            let end = messages[start...].firstIndex { $0.id > count.last } ?? messages.count
            guard end > start else { continue }
            // A part of one may have been tried within a larger one only; the last try of all is known.
            let hasFailed = end - start > 1 || messages[start].id == alone
            parts.append(.init(range: start..<end, attempts: count.attempts, hasFailed: hasFailed))
            start = end
        }
        if start < messages.count { parts.append(.init(range: start..<messages.count)) }
        return parts
    }
}
