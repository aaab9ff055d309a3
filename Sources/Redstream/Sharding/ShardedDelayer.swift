import RedstreamConnection
public import ServiceLifecycle

/// Serves the delay streams of all shards of a stream, each under its own lock.
///
/// Processes share the shards out as those of a ``ShardedConsumer`` do.
public struct ShardedDelayer: Service {
    private let coordinator: LockCoordinator

    /// Creates a delayer of all shards of a stream.
    ///
    /// - Parameters:
    ///   - client: The namespace and its Redis.
    ///   - stream: The name that the shards have in common.
    ///   - sharding: The number of shards.
    ///   - delay: The age at which an entry moves, to the millisecond.
    ///   - maximumActive: The most shards to serve at once, at least 1; nil for all.
    ///   - report: Is told of every move, and of the shard's stream.
    public init(
        _ client: StreamClient, stream: String, sharding: Sharding, delay: Duration, maximumActive: Int? = nil,
        report: @escaping @Sendable (_ stream: String, Delayer.Moved) async throws -> Void = { _, _ in }
    ) {
        let delayers = sharding.streams(of: stream).map { shard in
            Delayer(client, stream: shard, delay: delay) { try await report(shard, $0) }
        }
        self.init(client, title: stream, delayers: delayers, maximumActive: maximumActive)
    }

    /// Creates a delayer of several streams that are named in the log together.
    package init(_ client: StreamClient, title: String, delayers: [Delayer], maximumActive: Int?) {
        precondition(maximumActive ?? 1 > 0, "a process holds one shard at least")
        coordinator = LockCoordinator(
            client: client, title: "the delayer of \(title)", clientName: "redstream:standby:\(title).delay:delayer",
            tasks: delayers.map { $0.lockedTask() }, maximumActive: maximumActive)
    }

    /// Moves entries as they become due, until a graceful shutdown is asked for.
    ///
    /// - Throws: As ``Delayer/run()``; an error that ends one shard ends all.
    public func run() async throws {
        try await StopSignal.untilShutdown { stop in try await coordinator.run(until: stop) }
    }
}
