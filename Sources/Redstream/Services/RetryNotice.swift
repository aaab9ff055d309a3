package import RedisClient

extension AwaitedState {
    /// Returns the line of the log for the end of a wait: `the server is back after 4m12s`.
    package func notice(after time: Duration) -> String { "\(fulfilled) after \(time.shortText)" }
}

extension RedisError {
    /// The state in which a retry may succeed, without a failover.
    package var recovery: AwaitedState { awaitedState(failsOverByItself: false) }

    /// Says that a command is tried again: the error, and until when.
    ///
    /// - Parameter limit: How long it is tried; nil for as long as it takes.
    /// - Returns: The line of the log.
    package func retryNotice(limit: Duration?) -> String {
        let end = limit.map { "for \($0.shortText)" } ?? "until \(recovery.condition)"
        return "\(sentence); trying \(end)"
    }

    /// The description without the full stop that some servers put behind their reasons.
    private var sentence: Substring {
        let text = description[...]
        return text.hasSuffix(".") ? text.dropLast() : text
    }
}
