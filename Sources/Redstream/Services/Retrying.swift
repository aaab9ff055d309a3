import Logging
import RedisClient
import Synchronization

/// Keeps a service trying while its server is away.
///
/// It is said once for all services of a client, of which there may be one for each stream.
final class Retrying: Sendable {
    private struct State {
        var backoff = Backoff()
        var failingSince: ContinuousClock.Instant?
    }

    private let logger: Logger
    private let outages: Outages
    private let stop: StopSignal
    private let limit: Duration?
    private let state = Mutex(State())

    /// Creates the memory of one service.
    ///
    /// - Parameters:
    ///   - client: Where to say so, and who else does.
    ///   - stop: Ends the waiting.
    ///   - limit: How long the server may be away before its error is thrown; nil for ever.
    init(_ client: StreamClient, stop: StopSignal, limit: Duration? = nil) {
        logger = client.logger
        outages = client.outages
        self.stop = stop
        self.limit = limit
    }

    deinit {
        _ = outages.ended(for: ObjectIdentifier(self))
    }

    /// Whether the last try failed.
    var isFailing: Bool { state.withLock { $0.failingSince != nil } }

    /// Notes that the server answers; the first time after a failure, it says for how long it did not.
    func succeeded() {
        let since = state.withLock {
            $0.backoff.reset()
            return $0.failingSince.take()
        }
        guard let since, outages.ended(for: ObjectIdentifier(self)) else { return }
        logger.notice("the server is back after \(since.duration(to: .now).secondsText)")
    }

    /// Waits before the next try, or throws the error where no try can help.
    func failed(_ error: any Error) async throws {
        try Task.checkCancellation()
        guard let error = error as? RedisError, error.retryAdvice != .fail else { throw error }
        let (since, pause) = state.withLock { ($0.failingSince, $0.backoff.nextDelay()) }
        let delay = min(pause, error.longestPause ?? pause)
        if let since {
            if let limit, since.duration(to: .now) >= limit { throw error }
        } else {
            state.withLock { $0.failingSince = .now }
            guard outages.began(for: ObjectIdentifier(self)) else { return try await stop.sleep(for: delay) }
            logger.warning("\(error); trying \(limit.map { "for \($0.secondsText)" } ?? "until it is back")")
        }
        try await stop.sleep(for: delay)
    }
}

extension Duration {
    /// The duration in a sentence of the log: `30.0 s`.
    var secondsText: String { "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s" }
}
