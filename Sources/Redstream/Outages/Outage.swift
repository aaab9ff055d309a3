import RedstreamConnection

/// The state of an outage: since when it fails, how long to pause, when to give up, and what to log.
///
/// A plain value without a clock of its own. Everything that tries again decides by it.
struct Outage: Sendable {
    /// The parts of the work that can fail, and succeed, by themselves.
    struct Steps: OptionSet, Sendable {
        let rawValue: UInt8

        /// The work as a whole, up to its first step.
        static let whole = Steps(rawValue: 1 << 0)
        /// Taking a lock.
        static let lock = Steps(rawValue: 1 << 1)
        /// Waiting for a lock that is held.
        static let standby = Steps(rawValue: 1 << 2)
        /// Reading entries.
        static let read = Steps(rawValue: 1 << 3)
        /// Counting an attempt.
        static let attempt = Steps(rawValue: 1 << 4)
        /// Giving a message up.
        static let giveUp = Steps(rawValue: 1 << 5)
        /// Committing what was handled.
        static let commit = Steps(rawValue: 1 << 6)
        static let all = Steps(rawValue: .max)
    }

    /// The decision after a failure.
    enum Decision: Sendable, Equatable {
        /// Throw the error.
        case giveUp
        /// Try again after a pause; the line to log, nil for none.
        case retry(after: Duration, log: String?)
    }

    private let limit: Duration?
    private let failsOverByItself: Bool
    private var backoff: Backoff
    private var since: ContinuousClock.Instant?
    /// True if an idle connection was replaced, and the steps that met it have not succeeded since.
    private var hasReplaced = false
    /// The steps that failed and have not succeeded since.
    ///
    /// A server that can be connected to, and locks that can be taken, do not end an outage of reading.
    private var failed: Steps = []

    /// Creates the memory of work that goes well.
    ///
    /// - Parameters:
    ///   - limit: The time that the work may fail before its error is thrown: zero tries once, nil for ever.
    ///   - failsOverByItself: True if sentinels or a cluster's nodes replace a primary.
    ///   - backoff: The pauses.
    init(limit: Duration?, failsOverByItself: Bool = false, backoff: Backoff = Backoff()) {
        self.limit = limit
        self.failsOverByItself = failsOverByItself
        self.backoff = backoff
    }

    /// True if something has failed, and not succeeded since.
    var isUnderWay: Bool { since != nil || hasReplaced }

    /// Decides what to do about an error.
    ///
    /// - Parameters:
    ///   - error: The error.
    ///   - steps: The steps that it ended.
    ///   - began: The moment from which the time counts if this is the first error.
    ///   - now: The present moment.
    ///   - news: The log of the client.
    /// - Returns: The decision; an error that no retry can mend is given up at once.
    mutating func failed(
        _ error: RedisError, in steps: Steps = .whole, since began: ContinuousClock.Instant,
        at now: ContinuousClock.Instant, news: inout OutageNews
    ) -> Decision {
        guard error.retryAdvice != .fail else { return .giveUp }
        failed.formUnion(steps)
        // The server is there, and nothing was sent. If it closes the next connection too, that is an outage.
        if error.cause == .closedWhileIdle, !isUnderWay {
            hasReplaced = true
            return .retry(after: .zero, log: nil)
        }
        if since == nil { news.begin(at: began) }
        guard let pause = failed(since: began, at: now) else { return .giveUp }
        let awaited = error.awaitedState(failsOverByItself: failsOverByItself)
        return .retry(
            after: min(pause, error.longestPause ?? pause),
            log: news.isWorthALine(awaited) ? error.retryNotice(until: awaited, limit: limit) : nil)
    }

    /// Notes a failure that a retry may mend.
    ///
    /// - Parameters:
    ///   - began: The moment from which the time counts if this is the first failure.
    ///   - now: The present moment.
    /// - Returns: The pause before the next try; nil if the time is up.
    mutating func failed(since began: ContinuousClock.Instant, at now: ContinuousClock.Instant) -> Duration? {
        let since = since ?? began
        self.since = since
        if let limit, since.duration(to: now) >= limit { return nil }
        return backoff.nextDelay()
    }

    /// Notes that steps have succeeded.
    ///
    /// - Returns: The line to log if that ends the last outage of the client.
    mutating func succeeded(
        _ steps: Steps = .all, at now: ContinuousClock.Instant, news: inout OutageNews
    ) -> String? {
        guard isUnderWay else { return nil }
        failed.subtract(steps)
        // A step was reached.
        failed.remove(.whole)
        guard failed.isEmpty else { return nil }
        hasReplaced = false
        guard since.take() != nil else { return nil }
        backoff.reset()
        return news.end(at: now)
    }

    /// Ends an outage of work that is not tried again, without a line.
    mutating func abandon(at now: ContinuousClock.Instant, news: inout OutageNews) {
        failed = []
        hasReplaced = false
        if since.take() != nil { _ = news.end(at: now) }
    }
}
