import RedstreamConnection
import RedstreamSystem

/// Writes messages for code that cannot suspend, such as the hooks of a database: it blocks its caller, up to a limit.
///
/// It is used by one thread, or confined to one queue; hence it is not `Sendable`. At least once: a call that throws may
/// have written some of its messages, and one that had to try again may have written some twice.
public final class BlockingProducer {
    private let client: StreamClient
    private let replicaWait: Producer.ReplicaWait?
    private let connection: BlockingRedisConnection

    /// Creates a producer with a connection of its own, which its first use opens.
    ///
    /// - Parameter producer: Whose namespace, server and demands on replicas it takes over.
    public init(_ producer: Producer) {
        client = producer.client
        replicaWait = producer.replicaWait
        connection = client.pool.blockingConnection(name: "redstream:producer")
    }

    /// The destination of messages.
    public enum Destination: Sendable {
        /// To the stream, for consumers to read at once.
        case stream
        /// To its delay stream.
        case delayStream
    }

    /// Appends messages to a stream, or to its delay stream.
    ///
    /// One XADD a message, a thousand to a round trip. A connection that broke is opened anew, and what a retry may mend
    /// is tried again, for as long as the limit allows.
    ///
    /// - Parameters:
    ///   - messages: The messages; none is nothing to do.
    ///   - stream: The stream.
    ///   - destination: The stream itself, or its delay stream.
    ///   - limit: The time that the call may last at most, opening a connection included.
    /// - Throws: `RedisError` of the last try; ``RedstreamError/tooFewReplicas(written:acknowledged:wanted:)`` after
    ///   everything was written.
    public func append(
        _ messages: some Collection<OutgoingMessage>, to stream: String, _ destination: Destination,
        within limit: Duration
    ) throws {
        try append(messages, to: stream, destination, within: limit, retries: true)
    }

    /// Appends messages as ``append(_:to:_:within:)`` does; with `retries` off, everything is tried once.
    package func append(
        _ messages: some Collection<OutgoingMessage>, to stream: String, _ destination: Destination,
        within limit: Duration, retries: Bool
    ) throws {
        guard !messages.isEmpty else { return }
        let key = destination == .stream ? client.keys.stream(stream) : client.keys.delayStream(stream)
        try client.requireOneSlot(of: stream)
        let end = ContinuousClock.now.advanced(by: limit)
        // The server has to answer each round trip before the caller's time is up, and takes 0 for "for ever".
        let roundTrips = (messages.count + OutgoingBatch.entryLimit - 1) / OutgoingBatch.entryLimit
        var wait = replicaWait
        wait?.timeout = max(
            min(replicaWait?.timeout ?? .zero, (limit - .milliseconds(20)) / roundTrips), .milliseconds(1))
        var fewest = Int.max
        var registration = client.registration(of: [stream])
        for var pipeline in EntryPipelines(messages, key: key, waitingFor: wait) {
            let count = pipeline.count
            if let registration { pipeline.append(registration.words) }
            let replies = try send(pipeline, count, of: stream, for: key, until: end, retries: retries)
            if registration != nil { client.noteRegistration(of: [stream]) }
            registration = nil
            if wait != nil { fewest = min(fewest, replies.last?.integer ?? 0) }
        }
        try wait?.check(fewest, written: messages.count)
    }

    /// Sends a pipeline, and returns the replies to its first commands.
    private func send(
        _ pipeline: RedisPipeline, _ count: Int, of stream: String, for key: RedisKey,
        until end: ContinuousClock.Instant, retries: Bool
    ) throws(RedisError) -> RedisReplies {
        let backoff = Backoff(initial: .milliseconds(10), maximum: .milliseconds(200))
        var (outage, news) = (Outage(limit: nil, backoff: backoff), OutageNews())
        while true {
            do throws(RedisError) {
                let replies = try connection.execute(pipeline, for: key, timeout: end.remaining).first(count)
                Producer.count(replies, of: stream)
                return try replies.get()
            } catch {
                // Memory and disks take longer to come back than a caller can be held up.
                guard retries || error.cause == .closedWhileIdle, error.retryAdvice == .retry,
                    case .retry(let pause, _) = outage.failed(error, since: .now, at: .now, news: &news),
                    .now.advanced(by: pause) < end
                else { throw error }
                usleep(UInt32(clamping: pause.milliseconds * 1000))
            }
        }
    }
}

extension ContinuousClock.Instant {
    /// The time left until this moment; zero once it has passed.
    package var remaining: Duration { max(.zero, ContinuousClock.now.duration(to: self)) }
}
