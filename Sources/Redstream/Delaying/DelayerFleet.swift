import Logging
public import ServiceLifecycle

/// Serves every delay stream of a namespace, each by a ``Delayer`` of its own; those that appear later join.
public struct DelayerFleet: Service {
    private let client: StreamClient
    private let discoveryInterval: Duration
    private let makeDelayer: @Sendable (String) -> Delayer

    /// Creates a fleet.
    ///
    /// - Parameters:
    ///   - client: The namespace and its Redis.
    ///   - discoveryInterval: How often to look for new delay streams, by SCAN; 5 s by default.
    ///   - makeDelayer: Makes the delayer of a stream.
    public init(
        _ client: StreamClient, discoveryInterval: Duration = .seconds(5),
        makeDelayer: @escaping @Sendable (_ stream: String) -> Delayer
    ) {
        self.client = client
        self.discoveryInterval = discoveryInterval
        self.makeDelayer = makeDelayer
    }

    /// Runs a delayer for each delay stream until a graceful shutdown is asked for.
    ///
    /// - Throws: What a delayer threw; `RedisError` that no retry can mend; `CancellationError`.
    public func run() async throws {
        let stop = StopSignal()
        let retrying = Retrying(logger: client.logger, stop: stop)
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                // A delayer that fails ends the fleet: the supervisor is to know.
                let (failures, failure) = AsyncThrowingStream<Void, any Error>.makeStream()
                group.addTask { for try await _ in failures {} }
                group.addTask {
                    defer { failure.finish() }
                    try await serve(until: stop, retrying: retrying) { failure.finish(throwing: $0) }
                }
                defer { group.cancelAll() }
                // waitForAll would wait for those that go on before it throws what one has thrown.
                while try await group.next() != nil {}
            }
        } onGracefulShutdown: {
            stop.stop()
        }
    }

    /// Runs delayers, and looks for streams that have none yet, until a stop.
    private func serve(
        until stop: StopSignal, retrying: Retrying, failed: @escaping @Sendable (any Error) -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var served = Set<String>()
            while !stop.isStopping {
                do {
                    for stream in try await client.directory().delayedStreams
                    where served.insert(stream).inserted {
                        let delayer = makeDelayer(stream)
                        group.addTask {
                            do { try await delayer.run() } catch { failed(error) }
                        }
                    }
                    retrying.succeeded()
                    try await stop.sleep(for: discoveryInterval)
                } catch {
                    try await retrying.failed(error)
                }
            }
        }
    }
}
