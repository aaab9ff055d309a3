import RedstreamConnection
public import ServiceLifecycle

/// Looks at all shards of a stream without being a consumer.
///
/// Entries of one shard come in order; those of different shards come as they are read.
public struct ShardedReader: Service {
    /// The start and the end of reading a shard.
    package typealias Span = (stream: String, start: StartPosition, limits: ReadLimits)

    private let readers: [StreamReader]

    /// Creates a reader of all shards of a stream.
    ///
    /// - Parameters:
    ///   - client: The namespace and its Redis.
    ///   - stream: The name that the shards have in common; none of them need exist yet.
    ///   - sharding: The number of shards.
    ///   - start: Where to start, on each shard.
    ///   - limits: Where to end; a limit of entries counts over all shards.
    ///   - batchSize: The most messages handed over at once.
    ///   - retryLimit: The time that the server may be away before ``run()`` throws; nil for ever.
    ///   - body: Takes messages of a shard's stream; it is called for several shards at a time.
    public init(
        _ client: StreamClient, stream: String, sharding: Sharding, from start: StartPosition = .earliest,
        limits: ReadLimits = .none, batchSize: Int = 1000, retryLimit: Duration? = nil,
        body: @escaping @Sendable (_ stream: String, [Message]) async throws -> Void
    ) {
        self.init(
            client, spans: sharding.streams(of: stream).map { ($0, start, limits) }, batchSize: batchSize,
            retryLimit: retryLimit, body: body)
    }

    /// Creates a reader of shards that start and end at places of their own.
    package init(
        _ client: StreamClient, spans: [Span], batchSize: Int, retryLimit: Duration?,
        body: @escaping @Sendable (_ stream: String, [Message]) async throws -> Void
    ) {
        let allowance = spans.first?.limits.count.map(ReadAllowance.init)
        readers = spans.map { span in
            var limits = span.limits
            limits.share = allowance.map(ReadShare.init(of:))
            limits.count = nil
            return StreamReader(
                client, stream: span.stream, from: span.start, limits: limits, batchSize: batchSize,
                retryLimit: retryLimit
            ) { try await body(span.stream, $0) }
        }
    }

    /// Reads until the limits are reached on every shard, or a graceful shutdown is asked for.
    ///
    /// - Throws: As ``StreamReader/run()``; an error that ends one shard ends all.
    public func run() async throws {
        try await StopSignal.untilShutdown { stop in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for reader in readers { group.addTask { try await reader.run(until: stop) } }
                // The first error cancels the others.
                while try await group.next() != nil {}
            }
        }
    }
}
