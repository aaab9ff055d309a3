/// The end of an operation on a socket, on a clock that nobody sets.
struct Deadline {
    private var instant: ContinuousClock.Instant
    private let idle: Duration?

    /// Creates a deadline.
    ///
    /// - Parameters:
    ///   - duration: The time until it passes if no bytes move.
    ///   - idle: The time until it passes after bytes have moved; nil for a deadline that does not move.
    init(in duration: Duration, idle: Duration? = nil) {
        instant = .now.advanced(by: duration)
        self.idle = idle
    }

    /// Notes that bytes have moved: a long transfer over a slow line is not a silent server.
    mutating func progressed() {
        guard let idle else { return }
        instant = max(instant, .now.advanced(by: idle))
    }

    /// The time that is left, in whole milliseconds rounded up, as poll(2) takes it; 0 once it has passed.
    var pollTimeout: Int32 {
        let (seconds, attoseconds) = remaining.components
        let milliseconds = seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return Int32(clamping: milliseconds)
    }

    /// The time that is left; zero once it has passed.
    var remaining: Duration { max(.zero, ContinuousClock.now.duration(to: instant)) }

    var hasPassed: Bool { ContinuousClock.now >= instant }
}
