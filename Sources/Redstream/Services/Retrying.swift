import Logging
import RedisClient
import Synchronization

/// Keeps a service trying while its server is away, or refuses what may come to be accepted.
///
/// It is said once for all services of a client, of which there may be one for each stream. Where it is tried for as long
/// as it takes, the line carries the error, so that whoever shows it can say what to do.
final class Retrying: Sendable {
    private struct State {
        var backoff = Backoff()
        var failingSince: ContinuousClock.Instant?
    }

    private let logger: Logger
    private let outages: Outages
    private let failsOverByItself: Bool
    private let stop: StopSignal
    private let limit: Duration?
    private let budget: ConnectBudget?
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
        failsOverByItself = client.pool.configuration.address.hasFailover
        self.stop = stop
        self.limit = limit
        budget = ConnectBudget(limit)
    }

    deinit {
        _ = outages.ended(for: ObjectIdentifier(self))
    }

    /// Does a part of the work in which connections are opened: none of them outlives the limit.
    func connecting<Value>(_ body: () async throws -> Value) async throws -> Value {
        try await ConnectBudget.$current.withValue(budget, operation: body)
    }

    /// Notes that the server answers; the first time after a failure, it says for how long it did not.
    func succeeded() {
        let wasFailing = state.withLock {
            $0.backoff.reset()
            return $0.failingSince.take() != nil
        }
        guard wasFailing else { return }
        budget?.succeeded()
        guard let (recovery, time) = outages.ended(for: ObjectIdentifier(self)) else { return }
        logger.notice("\(recovery.notice(after: time))")
    }

    /// Waits before the next try, or throws the error where no try can help.
    func failed(_ error: any Error) async throws {
        try Task.checkCancellation()
        guard let error = error as? RedisError, error.retryAdvice != .fail else { throw error }
        let began = budget?.failed() ?? .now
        let (since, isFirst, pause) = state.withLock { state in
            let isFirst = state.failingSince == nil
            let since = state.failingSince ?? began
            state.failingSince = since
            return (since, isFirst, state.backoff.nextDelay())
        }
        if let limit, since.duration(to: .now) >= limit, !isFirst || limit > .zero { throw error }
        let awaited = error.awaitedState(failsOverByItself: failsOverByItself)
        if outages.waits(ObjectIdentifier(self), for: awaited) {
            logger.warning("\(error.retryNotice(limit: limit))", error: limit == nil ? error : nil)
        }
        try await stop.sleep(for: min(pause, error.longestPause ?? pause))
    }
}
