import Logging
import RedstreamConnection
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
        try await StopSignal.untilShutdown { stop in
            try await withThrowingTaskGroup(of: Void.self) { group in
                var served = Set<ExactText>()
                try await client.withRetries(until: stop) { retries in
                    while !stop.isStopping {
                        for stream in try await client.directory().delayedStreams
                        where served.insert(ExactText(stream)).inserted {
                            let delayer = makeDelayer(stream)
                            group.addTask {
                                // A delayer that fails ends the fleet: whoever supervises it is to know.
                                defer { stop.stop() }
                                try await delayer.run()
                            }
                        }
                        retries.succeeded()
                        try await stop.sleep(for: discoveryInterval)
                    }
                }
                // The first error cancels the other delayers, which a graceful shutdown lets finish.
                while try await group.next() != nil {}
            }
        }
    }
}
