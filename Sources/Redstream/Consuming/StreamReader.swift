import Logging
import RedstreamConnection
public import ServiceLifecycle

/// Looks at a stream without being a consumer: it takes no lock and commits nothing.
///
/// ```swift
/// let reader = StreamReader(client, stream: "products", limits: .init(count: 10)) { messages in
///     for message in messages { print(message.id) }
/// }
/// try await reader.run()
/// ```
public struct StreamReader: Service {
    private let client: StreamClient
    private let stream: String
    private let start: StartPosition
    private let limits: ReadLimits
    private let batchSize: Int
    private let retryLimit: Duration?
    private let body: @Sendable ([Message]) async throws -> Void
    /// The sizes of reads that the server has answered.
    private let readSizes: ReadSizes

    /// Creates a reader.
    ///
    /// - Parameters:
    ///   - client: The namespace and its Redis.
    ///   - stream: The stream to read, which need not exist yet.
    ///   - start: Where to start.
    ///   - limits: Where to end; none follows the stream for ever.
    ///   - batchSize: The most messages handed over at once.
    ///   - retryLimit: The time that the server may be away before ``run()`` throws; nil for ever.
    ///   - body: Takes messages in stream order.
    public init(
        _ client: StreamClient, stream: String, from start: StartPosition = .earliest,
        limits: ReadLimits = .none, batchSize: Int = 1000, retryLimit: Duration? = nil,
        body: @escaping @Sendable ([Message]) async throws -> Void
    ) {
        self.client = client
        self.stream = stream
        self.start = start
        self.limits = limits
        self.batchSize = batchSize
        self.retryLimit = retryLimit
        self.body = body
        readSizes = ReadSizes(maximum: batchSize)
    }

    /// Reads until the limits are reached or a graceful shutdown is asked for.
    ///
    /// Runs XREAD, O(entries read). After a lost connection it reads on where it was; no message is handed over
    /// twice.
    ///
    /// - Throws: `RedisError` that no retry can mend; what `body` threw; `CancellationError`.
    public func run() async throws {
        try await StopSignal.untilShutdown { stop in try await run(until: stop) }
    }

    func run(until stop: StopSignal) async throws {
        var position: StreamID?
        var readCount = 0
        try await client.withRetries(for: retryLimit, until: stop) { retries in
            try await readSizes.whileShrinking {
                guard !stop.isStopping else { return }
                retries.tries(.read)
                let first = if let position { position } else { try await startingPosition() }
                position = first
                let key = client.keys.stream(stream)
                try await client.pool.withOwnConnection(name: "redstream:reader:\(stream)", for: key) { connection in
                    var reader = BatchReader(
                        connection: connection, key: key, after: first, sizes: readSizes, limits: limits,
                        readCount: readCount, logger: client.logger)
                    try await read(&reader, until: stop, retries) { last, count in
                        position = last
                        readCount = count
                    }
                }
            }
        }
    }

    /// Reads on one connection until the limits or a stop.
    private func read(
        _ reader: inout BatchReader, until stop: StopSignal, _ retries: Retries, advanced: (StreamID, Int) -> Void
    ) async throws {
        while !stop.isStopping, !reader.isDone {
            let wait = try await waitingTime()
            let step = try await reader.next(block: wait, stop: stop)
            if step.wasRead { retries.succeeded() }
            guard let last = step.messages.last else {
                if wait == nil { return }
                continue
            }
            let count = reader.readCount
            try await reader.readAhead(afterFull: step.messages.count)
            try await ClosureError.wrapping { try await body(step.messages) }
            advanced(last.id, count)
        }
    }

    private func waitingTime() async throws -> Duration? {
        let blockTime = BatchReader.blockTime(on: client.pool)
        guard limits.end != nil else { return blockTime }
        return limits.waitingTime(atMost: blockTime, now: try await client.serverTime(of: stream))
    }

    private func startingPosition() async throws -> StreamID {
        switch start {
        case .earliest: .zero
        case .latest: try await client.lastID(of: stream) ?? .zero
        case .after(let id): id
        case .committed(let name):
            try await client.offset(of: ConsumerName(stream: stream, name: name))
        }
    }
}
