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
                // A delayer that fails ends the fleet: the supervisor is to know. Hence somebody waits for each.
                var served = Set<String>()
                let (failures, failure) = AsyncThrowingStream<Void, any Error>.makeStream()
                group.addTask { for try await _ in failures {} }
                while !stop.isStopping {
                    do {
                        for stream in try await client.directory().delayedStreams where served.insert(stream).inserted {
                            let delayer = makeDelayer(stream)
                            group.addTask {
                                do { try await delayer.run() } catch { failure.finish(throwing: error) }
                            }
                        }
                        retrying.succeeded()
                        try await stop.sleep(for: discoveryInterval)
                    } catch {
                        try await retrying.failed(error)
                    }
                }
                failure.finish()
                try await group.waitForAll()
            }
        } onGracefulShutdown: {
            stop.stop()
        }
    }
}
