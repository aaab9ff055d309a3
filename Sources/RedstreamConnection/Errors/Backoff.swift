/// Says how long to wait before each further try: doubling, with jitter, up to a bound.
package struct Backoff: Sendable {
    /// The first wait at most.
    package let initial: Duration
    /// Any wait at most.
    package let maximum: Duration
    /// The part of a bound that a wait takes.
    private let jitter: ClosedRange<Double>
    private var next: Duration

    /// Creates a sequence of waits.
    ///
    /// - Parameters:
    ///   - initial: The bound of the first wait; 50 ms by default.
    ///   - maximum: The bound of every wait; 2 s by default, so that a service is back soon after its server.
    ///   - jitter: The part of its bound that a wait takes; tests that know the waits set it.
    package init(
        initial: Duration = .milliseconds(50), maximum: Duration = .seconds(2), jitter: ClosedRange<Double> = 0.5...1
    ) {
        self.initial = initial
        self.maximum = maximum
        self.jitter = jitter
        next = initial
    }

    /// The next wait: between half of the bound and the bound, so that many clients do not come back at once.
    package mutating func nextDelay() -> Duration {
        let bound = next
        next = min(next * 2, maximum)
        return bound * Double.random(in: jitter)
    }

    /// Starts over after a success.
    package mutating func reset() {
        next = initial
    }
}
