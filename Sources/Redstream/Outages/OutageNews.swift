import RedstreamConnection

/// The log of the outages of one client: a line when the first of its works fails, and one when the last goes on.
///
/// A plain value, shared by all services of the client, of which there may be one for each stream.
struct OutageNews: Sendable {
    /// The number of works that fail at the moment.
    private var count = 0
    private var since: ContinuousClock.Instant?
    private var told: [AwaitedState] = []

    init() {}

    /// Notes that a work began to fail at a moment.
    mutating func begin(at moment: ContinuousClock.Instant) {
        if count == 0 {
            since = moment
            told = []
        }
        count += 1
    }

    /// Notes what a work waits for.
    ///
    /// - Returns: True if it is worth a line: the first is, and what an operator has to mend.
    mutating func isWorthALine(_ awaited: AwaitedState) -> Bool {
        guard told.isEmpty || awaited.needsOperator && !told.contains(awaited) else { return false }
        told.append(awaited)
        return true
    }

    /// Notes that a work fails no more.
    ///
    /// - Returns: The line for the last one; nil for the others.
    mutating func end(at now: ContinuousClock.Instant) -> String? {
        count -= 1
        guard count == 0, let since, let last = told.last else { return nil }
        return last.notice(after: since.duration(to: now))
    }
}

extension AwaitedState {
    /// Returns the line of the log for the end of a wait: `the server is back after 4m12s`.
    func notice(after time: Duration) -> String { "\(fulfilled) after \(time.shortText)" }
}

extension RedisError {
    /// Says that a command is tried again: the error, and until when.
    ///
    /// - Parameters:
    ///   - awaited: The state in which it may succeed.
    ///   - limit: How long it is tried; nil for as long as it takes.
    /// - Returns: The line of the log.
    func retryNotice(until awaited: AwaitedState, limit: Duration?) -> String {
        let end = limit.map { "for \($0.shortText)" } ?? "until \(awaited.condition)"
        return "\(sentence); trying \(end)"
    }

    /// The description without the full stop that some servers put behind their reasons.
    private var sentence: Substring {
        let text = description[...]
        return text.hasSuffix(".") ? text.dropLast() : text
    }
}
