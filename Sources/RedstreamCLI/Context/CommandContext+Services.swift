import Logging
import Redstream
import RedstreamConnection
import RedstreamSystem
import ServiceLifecycle

extension CommandContext {
    /// Runs services until they end, or are asked to: the first signal lets them finish what they hold, the second, or
    /// the end of the grace, cancels them.
    ///
    /// - Parameters:
    ///   - services: What to run.
    ///   - grace: The time that they may take to finish.
    ///   - watchesOutput: True to end when nobody reads standard output any more.
    /// - Returns: The request that ended them; nil where they ended by themselves.
    /// - Throws: What a service threw; ``Failure`` when the grace was over; ``OutputError/closed``.
    func serve(
        _ services: [any Service], grace: Duration, watchesOutput: Bool = false
    ) async throws -> StopRequest? {
        let silent = Logger(label: "redstream", factory: { _ in SwiftLogNoOpLogHandler() })
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map {
                    .init(
                        service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .cancelGroup)
                }, logger: silent))
        var works: [@Sendable () async throws -> Void] = [
            { try await group.run() },
            {
                guard await signals.request(1) != nil else { throw CancellationError() }
                await group.triggerGracefulShutdown()
                let moment = min(grace, .milliseconds(500))
                try await Timer.sleep(for: moment)
                if grace > moment {
                    console.note(
                        "finishing the current batch (up to \(grace.shortText)); press Ctrl-C again to stop now")
                    try await Timer.sleep(for: grace - moment)
                }
                throw Failure(
                    .failed,
                    "not finished within --grace \(grace.shortText): nothing of the current batch is committed")
            },
            {
                guard let request = await signals.request(2) else { throw CancellationError() }
                throw Failure(request.exitCode, "stopped at once: nothing of the current batch is committed")
            },
        ]
        if watchesOutput {
            works.append {
                // If that cannot be watched, the next write notices that the reader is gone.
                do { try await output.untilClosed() } catch OutputError.failed { throw await signals.cancellation() }
            }
        }
        try await firstResult(of: works)
        return signals.first
    }

    /// Does work again and again while the server is away, for a limited time, or for as long as it takes.
    ///
    /// - Parameters:
    ///   - client: The client of the work, whose log says so.
    ///   - limit: How long finite work tries; nil for what a service does.
    ///   - body: The work.
    /// - Returns: The result of `body`.
    /// - Throws: The last error, when the time is up or no retry can help; `CancellationError` after a signal.
    func retrying<Value: Sendable>(
        _ client: StreamClient, for limit: Duration?, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await interruptible { try await client.withRetries(for: limit, body) }
    }

    /// Runs finite work that the first signal asks to come to an end, and the second, or the end of the grace, cancels.
    ///
    /// The first signal also ends waiting for a server: without one, nothing can come to an end.
    ///
    /// - Parameters:
    ///   - grace: The time that it may take to end after the first signal.
    ///   - end: Asks the work to end.
    ///   - body: The work.
    /// - Returns: The result of `body`, and the first signal; nil if none came.
    /// - Throws: The errors of `body`; `CancellationError`.
    func finishing<Value: Sendable>(
        within grace: Duration, end: @escaping @Sendable () -> Void,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> (value: Value, request: StopRequest?) {
        let stop = StopSignal()
        return try await withThrowingTaskGroup(of: Value?.self) { tasks in
            tasks.addTask { try await StopSignal.$current.withValue(stop) { try await body() } }
            tasks.addTask {
                guard await signals.request(1) != nil else { return nil }
                end()
                stop.stop()
                _ = await signals.request(2, within: grace)
                return nil
            }
            // The work tells how far it came also if it is cancelled.
            defer { tasks.cancelAll() }
            while let value = try await tasks.next() {
                if let value { return (value, signals.first) }
                tasks.cancelAll()
            }
            throw CancellationError()
        }
    }

    /// Writes a line to standard output; a signal ends the wait for a reader that does not read.
    ///
    /// - Throws: ``OutputError``; `CancellationError`.
    func show(_ text: String) async throws {
        try await interruptible { try await output.line(text) }
    }

    /// Runs finite work that the first signal cancels.
    ///
    /// - Parameters:
    ///   - count: The number of signals that came before, and do not matter.
    ///   - body: The work.
    /// - Returns: The value of `body`.
    /// - Throws: The errors of `body`; `CancellationError`.
    func interruptible<Value: Sendable>(
        after count: Int = 0, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await firstResult(of: [
            body,
            {
                _ = await signals.request(count + 1)
                throw CancellationError()
            },
        ])
    }
}
