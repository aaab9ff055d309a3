/// The server's clock as last seen, carried on by a clock of ours that nobody sets.
struct ServerClock {
    private var seen: (milliseconds: UInt64, at: ContinuousClock.Instant)?

    /// The difference by which the two clocks may drift apart between two looks, in milliseconds.
    private static let slack: UInt64 = 100

    /// A clock that was not seen yet.
    init() {}

    /// The clock as TIME has just told it.
    init(milliseconds: UInt64) {
        seen = (milliseconds, .now)
    }

    /// A time that the server's clock has hardly passed by now, in milliseconds; 0 before it was first seen.
    var latestPossible: UInt64 {
        guard let seen else { return 0 }
        return seen.milliseconds + UInt64(seen.at.duration(to: .now).milliseconds) + Self.slack
    }
}
