import Logging
import RedstreamConnection
import Synchronization

/// The consumers of a client whose handlers cannot do anything at the moment, and the time since when.
///
/// It is said once for all of them: a sharded consumer has one handler for many shards.
final class HandlerOutages: Sendable {
    private struct Wait {
        var outage: Outage
        /// The time by which it has failed again, or another process works in its place.
        var end = ContinuousClock.now
    }

    private struct State {
        var waits: [ConsumerName: Wait] = [:]
        var since = ContinuousClock.now

        mutating func forgetOld() {
            waits = waits.filter { $1.end > .now }
        }
    }

    private let state = Mutex(State())

    /// Waits before the next try, without the lock.
    ///
    /// - Parameters:
    ///   - error: The error to throw when the time is up.
    ///   - reason: The error that kept the handler from doing anything.
    ///   - name: The consumer.
    ///   - limit: The time to try for; nil for ever.
    ///   - stop: Ends the wait.
    ///   - logger: The place to say it.
    /// - Throws: `error` when the time is up; `CancellationError`.
    func failed(
        _ error: any Error, because reason: any Error, of name: ConsumerName, limit: Duration?, stop: StopSignal,
        logger: Logger
    ) async throws {
        try Task.checkCancellation()
        let (isNews, pause) = state.withLock { state in
            state.forgetOld()
            let (isNews, now) = (state.waits.isEmpty, ContinuousClock.now)
            if isNews { state.since = now }
            var wait = state.waits[name] ?? Wait(outage: Outage(limit: limit))
            let pause = wait.outage.failed(since: now, at: now)
            wait.end = now.advanced(by: (pause ?? .zero) + LeaseRenewer.leaseTime * 2)
            state.waits[name] = wait
            return (isNews, pause)
        }
        guard let pause else { throw error }
        if isNews {
            let end = limit.map { "for \($0.shortText)" } ?? "until it can"
            logger.warning(
                "\(name.stream), \(name.name): the handler cannot run: \(reason); no attempt counts; trying \(end)"
            )
        }
        try await stop.sleep(for: pause)
    }

    /// Notes that a handler has run.
    func succeeded(_ name: ConsumerName, logger: Logger) {
        let time: Duration? = state.withLock { state in
            guard !state.waits.isEmpty, state.waits.removeValue(forKey: name) != nil else { return nil }
            state.forgetOld()
            return state.waits.isEmpty ? state.since.duration(to: .now) : nil
        }
        guard let time else { return }
        logger.notice("\(name.stream), \(name.name): the handler runs again after \(time.shortText)")
    }
}
