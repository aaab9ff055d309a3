import RedstreamConnection
public import ServiceLifecycle

/// Serves every delay stream of a namespace, each by a ``Delayer`` of its own; those that appear later join, and those
/// that disappear are left.
///
/// It stands by for each that another process serves.
public struct DelayerFleet: Service {
    private let client: StreamClient
    private let discoveryInterval: Duration
    private let scanInterval: Duration?
    private let makeDelayer: @Sendable (String) -> Delayer

    /// Creates a fleet.
    ///
    /// - Parameters:
    ///   - client: The namespace and its Redis.
    ///   - discoveryInterval: How often to look for new delay streams of known streams, by TYPE; 5 s by default.
    ///   - scanInterval: How often to look for streams that are not known, by SCAN; by default after 100 times the time that
    ///     the last scan took, an hour at most.
    ///   - makeDelayer: Makes the delayer of a stream.
    public init(
        _ client: StreamClient, discoveryInterval: Duration = .seconds(5), scanInterval: Duration? = nil,
        makeDelayer: @escaping @Sendable (_ stream: String) -> Delayer
    ) {
        self.client = client
        self.discoveryInterval = discoveryInterval
        self.scanInterval = scanInterval
        self.makeDelayer = makeDelayer
    }

    /// Runs a delayer for each delay stream until a graceful shutdown is asked for.
    ///
    /// - Throws: What a delayer threw; `RedisError` that no retry can mend; `CancellationError`.
    public func run() async throws {
        try await StopSignal.untilShutdown { stop in
            let discovery = LockCoordinator.Discovery(
                interval: discoveryInterval,
                streams: { try await client.delayedStreams(for: .service, until: stop) }
            ) { stream in
                let delayer = makeDelayer(stream)
                return delayer.lockedTask(delayer.notices)
            }
            try await client.whileScanning(each: scanInterval, until: stop) {
                try await LockCoordinator(
                    client: client, title: "the delayers", clientName: "redstream:standby:delayers",
                    discovery: discovery
                ).run(until: stop)
            }
        }
    }
}
