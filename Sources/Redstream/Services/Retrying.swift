import Logging
import RedisClient
import Synchronization

/// Keeps a service trying while its server is away, and says so once.
final class Retrying: Sendable {
    private struct State {
        var backoff = Backoff()
        var failingSince: ContinuousClock.Instant?
    }

    private let logger: Logger
    private let stop: StopSignal
    private let limit: Duration?
    private let state = Mutex(State())

    /// Creates the memory of one service.
    ///
    /// - Parameters:
    ///   - logger: Where to say so.
    ///   - stop: Ends the waiting.
    ///   - limit: How long the server may be away before its error is thrown; nil for ever.
    init(logger: Logger, stop: StopSignal, limit: Duration? = nil) {
        self.logger = logger
        self.stop = stop
        self.limit = limit
    }

    /// Notes that the server answers; the first time after a failure, it says for how long it did not.
    func succeeded() {
        let since = state.withLock {
            $0.backoff.reset()
            return $0.failingSince.take()
        }
        guard let since else { return }
        logger.notice("the server is back after \(since.duration(to: .now).secondsText)")
    }

    /// Waits before the next try, or throws the error where no try can help.
    func failed(_ error: any Error) async throws {
        try Task.checkCancellation()
        guard let error = error as? RedisError, error.retryAdvice != .fail else { throw error }
        let (since, delay) = state.withLock { ($0.failingSince, $0.backoff.nextDelay()) }
        if let since {
            if let limit, since.duration(to: .now) >= limit { throw error }
        } else {
            state.withLock { $0.failingSince = .now }
            logger.warning("\(error); trying \(limit.map { "for \($0.secondsText)" } ?? "until it is back")")
        }
        try await stop.sleep(for: delay)
    }
}

extension Duration {
    /// The duration in a sentence of the log: `30.0 s`.
    var secondsText: String { "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s" }
}
