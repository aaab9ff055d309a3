import Metrics
import RedstreamConnection

/// Writes messages to streams and to their delay streams.
///
/// At least once: a call that throws may have written some of its messages. Order is kept within a call.
///
/// ```swift
/// let producer = Producer(client)
/// try await producer.bulk([message], on: "products") { try await database.save(product) }
/// ```
public struct Producer: Sendable {
    /// The number of replicas that must have taken a write before it counts.
    public struct ReplicaWait: Sendable, Equatable {
        /// The replicas wanted, from 1.
        public var replicas: Int
        /// The time to wait for them; 1 s by default.
        ///
        /// The server takes 0 for "for ever".
        public var timeout: Duration

        /// Creates a wait.
        public init(replicas: Int, timeout: Duration = .seconds(1)) {
            self.replicas = replicas
            self.timeout = timeout
        }
    }

    let client: StreamClient
    let replicaWait: ReplicaWait?

    /// Creates a producer.
    ///
    /// - Parameters:
    ///   - client: The namespace and its Redis.
    ///   - replicaWait: When given, each round trip ends with WAIT.
    public init(_ client: StreamClient, waitingFor replicaWait: ReplicaWait? = nil) {
        self.client = client
        self.replicaWait = replicaWait
    }

    /// Appends messages to a stream, for consumers to read at once.
    ///
    /// One XADD a message, O(1) each, a thousand to a round trip.
    ///
    /// - Returns: The ids of the new entries, in order; none for no messages.
    /// - Throws: `RedisError`; ``RedstreamError/tooFewReplicas(written:acknowledged:wanted:)`` after everything was
    ///   written; `CancellationError`.
    @discardableResult
    public func queue(_ messages: some Collection<OutgoingMessage>, on stream: String) async throws -> [StreamID] {
        var ids: [StreamID] = []
        try await append(messages, to: stream, isDelayed: false) { ids += Self.ids(in: $0) }
        return ids
    }

    /// Appends messages to the delay stream of a stream, for a delayer to move when their time has come.
    ///
    /// Returns, and throws, as ``queue(_:on:)`` does.
    @discardableResult
    public func delay(_ messages: some Collection<OutgoingMessage>, on stream: String) async throws -> [StreamID] {
        var ids: [StreamID] = []
        try await append(messages, to: stream, isDelayed: true) { ids += Self.ids(in: $0) }
        return ids
    }

    /// Writes delay messages, runs a change of the primary database, then queues the same messages.
    ///
    /// All delay messages are acknowledged before `change` runs. When it throws, or the process dies, nothing is
    /// queued, and the delay messages bring the secondaries up to date later. Once `change` has returned, the messages are
    /// queued even if the task is cancelled.
    ///
    /// - Returns: The result of `change`.
    /// - Throws: What `change` threw; `RedisError` and ``RedstreamError`` as ``queue(_:on:)``; `CancellationError` before
    ///   the change. When queueing failed, the change stands, and its delay messages repair.
    public func bulk<Value>(
        _ messages: some Collection<OutgoingMessage>, on stream: String, change: () async throws -> Value
    ) async throws -> Value {
        // A collection may be lazy over what the change alters: the set is taken once.
        let messages = Array(messages)
        try await append(messages, to: stream, isDelayed: true)
        let value = try await change()
        try await withoutCancellation { try await append(messages, to: stream, isDelayed: false) }
        return value
    }

    /// Appends messages for a caller that does not ask for their ids, which cost as much to read as messages to write.
    func append(
        _ messages: some Collection<OutgoingMessage>, to stream: String, isDelayed: Bool
    ) async throws {
        try await append(messages, to: stream, isDelayed: isDelayed) { _ in }
    }

    private func append(
        _ messages: some Collection<OutgoingMessage>, to stream: String, isDelayed: Bool,
        onReplies: (RedisReplies) -> Void
    ) async throws {
        guard !messages.isEmpty else { return }
        try client.requireOneSlot(of: stream)
        let key = isDelayed ? client.keys.delayStream(stream) : client.keys.stream(stream)
        try await client.pool.withConnection(for: key) { connection in
            var fewest = Int.max
            var registration = client.registration(of: [stream])
            for var pipeline in EntryPipelines(messages, key: key, waitingFor: replicaWait) {
                let count = pipeline.count
                if let registration { pipeline.append(registration.words) }
                let commands = pipeline
                let replies = try await connection.execute(commands, blocking: replicaWait?.timeout ?? .zero).first(
                    count)
                if registration != nil { client.noteRegistration(of: [stream]) }
                registration = nil
                Self.count(replies, of: stream)
                try replies.get()
                onReplies(replies)
                if replicaWait != nil { fewest = min(fewest, replies.last?.integer ?? 0) }
            }
            try replicaWait?.check(fewest, written: messages.count)
        }
    }

    /// Counts the messages that a pipeline of XADDs has written, whatever else has failed.
    static func count(_ replies: RedisReplies, of stream: String) {
        Counter(label: "redstream_messages_produced_total", dimensions: [("stream", stream)])
            .increment(by: replies.count { $0.kind == .string })
    }

    private static func ids(in replies: RedisReplies) -> [StreamID] {
        replies.compactMap { $0.bytes.flatMap(StreamID.init(utf8:)) }
    }
}

extension Producer.ReplicaWait {
    /// Appends WAIT to the writes that it is to speak for: those of one pipeline, and hence of one server.
    func append(to pipeline: inout RedisPipeline) {
        pipeline.append("WAIT", replicas, max(timeout.milliseconds, 1))
    }

    /// Compares what WAIT has answered, where several times the least of it.
    func check(_ acknowledged: Int, written: Int) throws {
        guard acknowledged < replicas else { return }
        throw RedstreamError.tooFewReplicas(written: written, acknowledged: acknowledged, wanted: replicas)
    }
}
