import Logging
import Redstream
import RedstreamConnection
import RedstreamSystem
import ServiceLifecycle

extension CommandContext {
    private enum Event {
        case ended
        case cannotWatch
        case asked
        case insisted(StopRequest)
        case isStillBusy
        case graceIsOver
    }

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
        return try await withThrowingTaskGroup(of: Event.self) { tasks in
            tasks.addTask {
                try await group.run()
                return .ended
            }
            tasks.addTask {
                guard await signals.request(1) != nil else { return .ended }
                await group.triggerGracefulShutdown()
                return .asked
            }
            if watchesOutput {
                tasks.addTask {
                    do { try await output.untilClosed() } catch OutputError.failed { return .cannotWatch }
                    return .ended
                }
            }
            tasks.addTask { await signals.request(2).map { .insisted($0) } ?? .ended }
            defer { tasks.cancelAll() }
            while let event = try await tasks.next() {
                switch event {
                case .ended: return signals.first
                // Its next write notices that the reader is gone.
                case .cannotWatch: break
                case .asked:
                    tasks.addTask {
                        try await Timer.sleep(for: .milliseconds(500))
                        return .isStillBusy
                    }
                    tasks.addTask {
                        try await Timer.sleep(for: grace)
                        return .graceIsOver
                    }
                case .isStillBusy:
                    console.note(
                        "finishing the current batch (up to \(grace.shortText)); press Ctrl-C again to stop now")
                case .insisted(let request):
                    throw Failure(
                        request.exitCode, "stopped at once: nothing of the current batch is committed")
                case .graceIsOver:
                    throw Failure(
                        .failed,
                        "not finished within --grace \(grace.shortText): nothing of the current batch is committed"
                    )
                }
            }
            return nil
        }
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
                try? await Timer.sleep(for: grace)
                return nil
            }
            tasks.addTask {
                _ = await signals.request(2)
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
        try await withThrowingTaskGroup(of: Value?.self) { tasks in
            tasks.addTask { try await body() }
            tasks.addTask {
                if await signals.request(count + 1) != nil { throw CancellationError() }
                return nil
            }
            defer { tasks.cancelAll() }
            while let value = try await tasks.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }
}
