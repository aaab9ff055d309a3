#if GRDB
/// The time that a transaction gives Redis: all of it at first, and little while Redis is away.
///
/// A transaction holds up the database while it waits. The first that waits in vain tells the others that they would, too.
struct OutageTimeLimit {
    /// The part of the deadline that a try gets while Redis is away, and the number of deadlines between two long tries.
    private static let share = 5

    /// The end of the last try that had all of its time and failed; nil after a success.
    private var lastLongTry: ContinuousClock.Instant?

    /// Returns the time for a transaction that begins to wait now, and true if it retries within it.
    func time(_ deadline: Duration, now: ContinuousClock.Instant = .now) -> (time: Duration, retries: Bool) {
        guard let lastLongTry, now < lastLongTry.advanced(by: deadline * Self.share) else { return (deadline, true) }
        return (deadline / Self.share, false)
    }

    /// Notes that Redis has taken messages.
    mutating func succeeded() {
        lastLongTry = nil
    }

    /// Notes that Redis has not.
    ///
    /// - Parameters:
    ///   - wasLong: True if the try had all of its time.
    ///   - now: The end of the try.
    mutating func failed(wasLong: Bool, now: ContinuousClock.Instant = .now) {
        if wasLong { lastLongTry = now }
    }
}
#endif
