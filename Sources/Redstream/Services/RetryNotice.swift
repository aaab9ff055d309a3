import RedstreamConnection

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
