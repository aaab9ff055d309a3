import RedstreamConnection
public import ServiceLifecycle

/// Consumes all shards of a stream under one name, side by side, each under its own lock and with its own offset.
///
/// Any number of processes may run it: each shard is consumed by one of them at a time, in order, and the others take
/// over when that one stops (at once) or dies (when its lease of 5 s has run out). With `maximumActive` a process
/// leaves the rest to others: of two that may hold half of the shards, each holds half. So that the shards of a
/// process that dies find another, the others must have room for them.
///
/// ```swift
/// let indexer = ShardedConsumer(
///     client, stream: "products", sharding: Sharding(count: 16), name: "indexer", maximumActive: 8
/// ) { batch in
///     try await index.update(batch.messages)
/// }
/// try await indexer.run()
/// ```
///
/// Each shard that is held has a connection of its own; all those waited for have one together.
public struct ShardedConsumer: Service {
    private let coordinator: LockCoordinator

    /// Creates a consumer of all shards of a stream.
    ///
    /// - Parameters:
    ///   - client: The namespace and its Redis.
    ///   - stream: The name that the shards have in common; none of them need exist yet.
    ///   - sharding: The number of shards.
    ///   - name: The consumer's name on every shard.
    ///   - options: How to read each shard; a limit of entries counts over all shards.
    ///   - maximumActive: The most shards to hold at once, at least 1; nil for all.
    ///   - handler: The work; it is called for several shards at a time, and for each in order.
    public init(
        _ client: StreamClient, stream: String, sharding: Sharding, name: String,
        options: Consumer.Options = Consumer.Options(), maximumActive: Int? = nil,
        handler: @escaping Consumer.Handler
    ) {
        self.init(
            client, stream: stream, name: name,
            shards: sharding.streams(of: stream).map { ($0, options) }, maximumActive: maximumActive,
            handler: handler)
    }

    /// Creates a consumer of shards that start and end at places of their own.
    ///
    /// What the options say apart from start and end is the same for all.
    package init(
        _ client: StreamClient, stream: String, name: String, shards: [(stream: String, options: Consumer.Options)],
        maximumActive: Int?, handler: @escaping Consumer.Handler
    ) {
        precondition(maximumActive ?? 1 > 0, "a process holds one shard at least")
        let allowance = shards.first?.options.limits.count.map(ReadAllowance.init)
        let tasks = shards.map { shard in
            var options = shard.options
            options.limits.share = allowance.map(ReadShare.init(of:))
            options.limits.count = nil
            return Consumer(client, stream: shard.stream, name: name, options: options, handler: handler)
                .lockedTask()
        }
        coordinator = LockCoordinator(
            client: client, title: "consumer \(name) of \(stream)",
            clientName: "redstream:standby:\(stream):\(name)", tasks: tasks, maximumActive: maximumActive,
            standsBy: shards.first?.options.standsBy ?? true, retryLimit: shards.first?.options.retryLimit,
            isDone: { allowance?.left == 0 })
    }

    /// Consumes until the limits are reached on every shard, or a graceful shutdown is asked for.
    ///
    /// What ``Consumer/run()`` promises holds for each shard. An error that ends one ends all.
    ///
    /// - Throws: ``RedstreamError/memberHeld(_:by:)`` where it does not stand by and found no free shard, or could not reach
    ///   the limits on some; otherwise as ``Consumer/run()``.
    public func run() async throws {
        try await StopSignal.untilShutdown { stop in try await coordinator.run(until: stop) }
    }
}
