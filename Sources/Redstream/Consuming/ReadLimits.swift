/// The end of reading; without limits it follows the stream for ever.
public struct ReadLimits: Sendable, Equatable {
    /// Read that many entries and no more.
    public var count: Int?
    /// Read nothing after this id.
    ///
    /// Reading ends when the id was reached, or when the server's clock has passed it, since no later entry can come
    /// before it.
    public var end: StreamID?
    /// A part of a count that several readers share.
    var share: ReadShare?

    /// Creates limits.
    public init(count: Int? = nil, end: StreamID? = nil) {
        self.count = count
        self.end = end
    }

    /// No limits.
    public static let none = ReadLimits()

    /// Returns the number of entries to ask for next, of a batch size.
    func nextCount(batchSize: Int, read: Int) -> Int {
        // Another reader may take what is left of a shared count; but no XREAD may ask for none.
        min(batchSize, max((count ?? .max) - read, 0), max(share?.left ?? .max, 1))
    }

    /// Returns whether nothing is left to read after `read` entries, the last of which had the id `last`.
    func isReached(read: Int, last: StreamID) -> Bool {
        if let count, read >= count { return true }
        if let share, share.isExhausted { return true }
        if let end, last >= end { return true }
        return false
    }

    /// The part of a batch that lies within the end.
    func withinEnd(_ messages: [Message]) -> [Message] {
        guard let end, let last = messages.last, last.id > end else { return messages }
        return Array(messages.prefix { $0.id <= end })
    }

    /// The part of a batch that is left of a shared count, which is taken by this.
    func granted(_ messages: [Message]) -> [Message] {
        guard let share else { return messages }
        return Array(messages.prefix(share.take(messages.count)))
    }

    /// Returns the time to wait for new entries at the server's time `now`, in milliseconds; nil where none can come
    /// within the end any more.
    func waitingTime(atMost limit: Duration, now: UInt64) -> Duration? {
        guard let end else { return limit }
        guard end.milliseconds >= now else { return nil }
        // One more millisecond: within the last one, entries can still come.
        let left = Int(clamping: end.milliseconds - now).addingReportingOverflow(1).partialValue
        return left > 0 ? min(limit, .milliseconds(left)) : limit
    }
}
