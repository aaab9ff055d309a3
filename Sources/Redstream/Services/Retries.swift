import Logging
import RedstreamConnection
import Synchronization

/// The tries of work that goes on when its server is back: its outage, the pauses, and what is logged.
///
/// Where it is tried for as long as it takes, the line carries the error, so that whoever shows it can add a hint.
final class Retries: Sendable {
    private struct State {
        var outage: Outage
        /// The steps that are being tried.
        var steps = Outage.Steps.whole
    }

    private let client: StreamClient
    private let stop: StopSignal?
    private let limit: Duration?
    private let connectLimit: ConnectTimeLimit?
    private let state: Mutex<State>

    /// Creates the memory of work that goes well.
    ///
    /// - Parameters:
    ///   - client: The client whose log and other works are shared.
    ///   - stop: Ends the pauses of a service; nil for finite work, which a stop of its task cuts short.
    ///   - limit: The time that the server may be away before its error is thrown: zero tries once, nil for ever.
    init(_ client: StreamClient, until stop: StopSignal? = nil, for limit: Duration? = nil) {
        self.client = client
        self.stop = stop
        self.limit = limit
        connectLimit = ConnectTimeLimit(limit)
        state = Mutex(
            State(
                outage: Outage(
                    limit: limit, failsOverByItself: client.pool.configuration.address.hasFailover)))
    }

    /// Runs a part of the work in which connections are opened: none of them outlives the limit.
    func connecting<Value>(_ body: () async throws -> Value) async throws -> Value {
        try await ConnectTimeLimit.$current.withValue(connectLimit, operation: body)
    }

    /// Runs work, and again after each failure that a retry can mend.
    ///
    /// - Returns: The result of `body`.
    /// - Throws: `RedisError` that no retry can mend, or that lasted too long; any other error of `body`.
    func run<Value>(_ body: () async throws -> Value) async throws -> Value {
        while true {
            do { return try await connecting(body) } catch { try await failed(error) }
        }
    }

    /// Runs work on one connection after another for as long as a lease lasts, which has a connection of its own.
    ///
    /// - Parameters:
    ///   - lease: The lease.
    ///   - stop: Ends the work, once its present step is done.
    ///   - body: The work; nil to go on with another connection.
    /// - Returns: The result of `body`; nil after a stop.
    /// - Throws: ``RedstreamError/leaseLost`` if the lease ended in an outage; otherwise as ``run(_:)``.
    func run<Value>(under lease: Lease, until stop: StopSignal, _ body: () async throws -> Value?) async throws
        -> Value?
    {
        while !stop.isStopping {
            do {
                if let value = try await body() { return value }
            } catch let error as RedisError {
                // The connection was closed for the stop, in a wait or just before it.
                if stop.isStopping, !Task.isCancelled, error.retryAdvice != .fail { return nil }
                try await failed(error)
                guard lease.isValid else { throw RedstreamError.leaseLost }
            }
        }
        return nil
    }

    /// Notes which steps are tried from now on.
    func tries(_ steps: Outage.Steps) {
        state.withLock { $0.steps = steps }
    }

    /// Notes that steps have succeeded, by default all; logs a line if that ends an outage.
    func succeeded(_ steps: Outage.Steps = .all) {
        let (isOver, line) = state.withLock { state in
            guard state.outage.isUnderWay else { return (false, String?.none) }
            let line = client.outages.withLock { news in
                state.outage.succeeded(steps, at: .now, news: &news)
            }
            return (!state.outage.isUnderWay, line)
        }
        if isOver { connectLimit?.succeeded() }
        if let line { client.logger.notice("\(line)") }
    }

    /// Pauses before the next try, or throws the error if no try can help or the time is up.
    func failed(_ error: any Error) async throws {
        try Task.checkCancellation()
        guard let error = error as? RedisError else { throw error }
        // The stop has ended the opening of a connection.
        if error.kind == .cancelled, let stop, stop.isStopping || StopSignal.current?.isStopping == true { return }
        let began = connectLimit?.failed() ?? .now
        let decision = state.withLock { state in
            defer { state.steps = .whole }
            return client.outages.withLock { news in
                state.outage.failed(error, in: state.steps, since: began, at: .now, news: &news)
            }
        }
        guard case .retry(let pause, let line) = decision else { throw error }
        if let line { client.logger.warning("\(line)", error: limit == nil ? error : nil) }
        guard pause > .zero else { return }
        if let stop { try await stop.sleep(for: pause) } else { try await StopSignal.pause(for: pause) }
    }

    /// Ends the work, whatever has become of it.
    func end() {
        state.withLock { state in
            client.outages.withLock { news in state.outage.abandon(at: .now, news: &news) }
        }
    }
}

extension StreamClient {
    /// Runs work again and again while its server is away, or refuses what it may come to accept.
    ///
    /// - Parameters:
    ///   - limit: The time that the server may be away: zero tries once, nil for ever.
    ///   - stop: Ends the pauses; the work itself has to end then.
    ///   - body: The work. What it does step by step it tells to its argument.
    /// - Returns: The result of `body`.
    /// - Throws: `RedisError` that no retry can mend, or that lasted too long; any other error of `body`.
    func withRetries<Value>(
        for limit: Duration? = nil, until stop: StopSignal?, _ body: (Retries) async throws -> Value
    ) async throws -> Value {
        let retries = Retries(self, until: stop, for: limit)
        defer { retries.end() }
        return try await retries.run {
            let value = try await body(retries)
            // Work that a stop has ended in an outage has not succeeded.
            if stop?.isStopping != true { retries.succeeded() }
            return value
        }
    }

    /// Runs a step again and again, with pauses, until a stop, as ``withRetries(for:until:_:)`` does.
    func repeating(every interval: Duration, until stop: StopSignal, _ step: () async throws -> Void) async throws {
        try await withRetries(until: stop) { retries in
            while !stop.isStopping {
                try await step()
                retries.succeeded()
                try await stop.sleep(for: interval)
            }
        }
    }

    /// Runs finite work, or work without services of its own, as ``withRetries(for:until:_:)`` does.
    package func withRetries<Value>(
        for limit: Duration?, _ body: () async throws -> Value
    ) async throws -> Value {
        try await withRetries(for: limit, until: nil) { _ in try await body() }
    }
}
