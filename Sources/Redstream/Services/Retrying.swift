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
    private let state = Mutex(State())

    init(logger: Logger, stop: StopSignal) {
        self.logger = logger
        self.stop = stop
    }

    /// Notes that the server answers; the first time after a failure, it says for how long it did not.
    func succeeded() {
        let since = state.withLock {
            $0.backoff.reset()
            return $0.failingSince.take()
        }
        guard let since else { return }
        let away = since.duration(to: .now).milliseconds
        logger.notice("the server is back after \(away / 1000).\(away % 1000 / 100) s")
    }

    /// Waits before the next try, or throws the error where no try can help.
    func failed(_ error: any Error) async throws {
        try Task.checkCancellation()
        guard let error = error as? RedisError, error.retryAdvice != .fail else { throw error }
        let (isFirst, delay) = state.withLock { state in
            defer { state.failingSince = state.failingSince ?? .now }
            return (state.failingSince == nil, state.backoff.nextDelay())
        }
        if isFirst { logger.warning("\(error); trying until it is back") }
        try await stop.sleep(for: delay)
    }
}
