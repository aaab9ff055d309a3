/// A moment that an operation on a socket must not outlive, on a clock that nobody sets.
struct Deadline {
    private let instant: ContinuousClock.Instant

    init(in duration: Duration) {
        instant = .now.advanced(by: duration)
    }

    /// What is left, in whole milliseconds rounded up, as poll(2) takes it; 0 once it has passed.
    var pollTimeout: Int32 {
        let left = ContinuousClock.now.duration(to: instant)
        guard left > .zero else { return 0 }
        let (seconds, attoseconds) = left.components
        let milliseconds = seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return Int32(clamping: milliseconds)
    }

    var hasPassed: Bool { ContinuousClock.now >= instant }
}
