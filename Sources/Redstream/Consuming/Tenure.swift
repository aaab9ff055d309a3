import Logging
import Metrics
import RedisClient
import Synchronization

/// How far a consumer has come, over all of its tenures and connections.
final class TenureProgress: Sendable {
    private let state = Mutex((read: 0, uncommitted: StreamID?.none))

    /// Entries handled, towards a limit of entries.
    var handledCount: Int { state.withLock { $0.read } }
    /// What was handled, and not committed because the connection broke.
    var uncommitted: StreamID? { state.withLock { $0.uncommitted } }

    func handled(_ messages: [Message]) {
        state.withLock { $0 = ($0.read + messages.count, messages.last?.id) }
    }

    func committed() {
        state.withLock { $0.uncommitted = nil }
    }
}

/// A consumer's time under its lock: sessions on one connection after another, for as long as the lease lasts.
struct Tenure {
    private let consumer: Consumer
    private let lease: Lease
    private let stop: StopSignal
    private let retrying: Retrying
    private let progress: TenureProgress
    private let metrics: ConsumerMetrics
    private var client: StreamClient { consumer.client }

    init(
        _ consumer: Consumer, lease: Lease, stop: StopSignal, retrying: Retrying,
        progress: TenureProgress = TenureProgress()
    ) {
        self.consumer = consumer
        self.lease = lease
        self.stop = stop
        self.retrying = retrying
        self.progress = progress
        metrics = ConsumerMetrics(consumer.name)
    }

    /// Consumes until a stop (false) or the limits (true).
    ///
    /// A connection that breaks does not end the tenure: the lease has a connection of its own.
    func run() async throws -> Bool {
        defer { progress.committed() }
        while !stop.isStopping {
            do {
                return try await session { reader in try await consume(&reader) }
            } catch let error as RedisError {
                try await retrying.failed(error)
                guard lease.isValid else { throw RedstreamError.leaseLost }
            } catch RedstreamError.offsetChanged {
                client.logger.notice("the offset of \(consumer.name.name) was moved forward; reading on from there")
                progress.committed()
            }
        }
        return false
    }

    /// Handles one batch, if there is one now.
    func handleOneBatch() async throws -> Consumer.Outcome {
        try await session { reader in
            let step = try await reader.next(block: nil, stop: stop)
            guard let last = step.messages.last else { return .empty }
            try await metrics.timed(step.messages) { try await consumer.handler(batch(step.messages, attempt: 1)) }
            try Task.checkCancellation()
            try await check(commit: client.pool.withConnection { try await $0.run(commit: last.id, lease, offsetKey) })
            return .handled(step.messages.count)
        }
    }

    private func session<Value>(_ body: (inout BatchReader) async throws -> Value) async throws -> Value {
        try await client.pool.withOwnConnection(name: consumer.clientName(role: "consumer")) { connection in
            try await connection.load([OffsetScripts.commit])
            if let id = progress.uncommitted {
                try check(commit: try await connection.run(commit: id, lease, offsetKey))
                progress.committed()
            }
            let offset = try await startingOffset(on: connection)
            retrying.succeeded()
            var reader = BatchReader(
                connection: connection, key: client.keys.stream(consumer.name.stream), after: offset,
                batchSize: consumer.options.batchSize, limits: consumer.options.limits,
                readCount: progress.handledCount)
            return try await body(&reader)
        }
    }

    private func consume(_ reader: inout BatchReader) async throws -> Bool {
        var commit: StreamID?
        while true {
            let wait = try await waitingTime(reader)
            let step = try await reader.next(
                committing: commit.map { id in { $0.append(commit: id, lease, offsetKey) } }, block: wait, stop: stop)
            if let reply = step.commitReply, let id = commit {
                try check(commit: try await repaired(reply, id))
                progress.committed()
                commit = nil
            }
            guard let last = step.messages.last else {
                if reader.isDone || wait == nil { return true }
                if stop.isStopping { return false }
                continue
            }
            guard !stop.isStopping else { return false }
            try await reader.readAhead(afterFull: step.messages.count)
            guard try await handle(step.messages) else { return false }
            progress.handled(step.messages)
            commit = last.id
        }
    }

    /// How long to wait for entries; nil where none can come within the limits.
    private func waitingTime(_ reader: BatchReader) async throws -> Duration? {
        guard reader.limits.end != nil else { return BatchReader.blockTime }
        return reader.limits.waitingTime(atMost: BatchReader.blockTime, now: try await client.serverTime())
    }

    /// Calls the handler until it succeeds; false where a stop came first.
    private func handle(_ messages: [Message]) async throws -> Bool {
        var backoff = Backoff(initial: .milliseconds(200), maximum: .seconds(30))
        var attempt = 1
        while true {
            do {
                try await metrics.timed(messages) { try await consumer.handler(batch(messages, attempt: attempt)) }
                try Task.checkCancellation()
                return true
            } catch let error as UnretryableHandlerError {
                throw error
            } catch {
                try Task.checkCancellation()
                guard !stop.isStopping else { return false }
                let delay = backoff.nextDelay()
                client.logger.error(
                    "\(consumer.name.stream), \(consumer.name.name): attempt \(attempt) at \(messages.count.counted("message", "messages")) from \(messages[0].id) failed: \(error); again in \(delay.milliseconds) ms"
                )
                try await stop.sleep(for: delay)
                guard !stop.isStopping else { return false }
                attempt += 1
            }
        }
    }

    private func batch(_ messages: [Message], attempt: Int) -> Batch {
        Batch(consumer: consumer.name, messages: messages, attempt: attempt)
    }

    private var offsetKey: String { client.keys.offset(consumer.name) }

    /// Reads the offset, or writes the one to start from: before the first read, so that a trimmer knows of it.
    private func startingOffset(on connection: RedisConnection) async throws -> StreamID {
        var start = "0-0"
        switch consumer.options.start {
        case .earliest: break
        case .latest: start = "latest"
        case .after(let id): start = id.description
        case .committed(let other):
            let key = client.keys.offset(ConsumerName(stream: consumer.name.stream, name: other))
            start = try await connection.call("GET", key).string ?? start
        }
        let reply = try await connection.run(
            OffsetScripts.initialize,
            keys: [lease.lock.key, offsetKey, client.keys.stream(consumer.name.stream)],
            arguments: [lease.holder, start])
        let parts = reply.elements.compactMap(\.string).map { StreamID(lenient: $0) }
        guard parts.count == 2, let offset = parts[0] else {
            if reply.isNull { throw RedstreamError.leaseLost }
            throw RedstreamError.unreadableOffset(consumer.name)
        }
        if let last = parts[1], offset > last, last > .zero {
            client.logger.warning(
                "the offset \(offset) of \(consumer.name.name) is beyond the last id \(last) of \(consumer.name.stream): nothing is read before that"
            )
        }
        return offset
    }

    /// A commit that met a server without the script is made again, by its text, on another connection: this one
    /// may be blocked by now.
    private func repaired(_ reply: RedisReply, _ id: StreamID) async throws -> RedisReply {
        guard let error = reply.error(from: client.pool.configuration.address.description) else { return reply }
        guard error.code == "NOSCRIPT" else { throw error }
        return try await client.pool.withConnection { try await $0.run(commit: id, lease, offsetKey) }
    }

    private func check(commit reply: RedisReply) throws {
        switch reply.integer {
        case 1: metrics.commits.increment()
        // Somebody moved it by hand, beyond what is to be committed.
        case 2: throw RedstreamError.offsetChanged(consumer.name)
        default:
            lease.end(.lost)
            throw RedstreamError.leaseLost
        }
    }
}

extension RedisPipeline {
    fileprivate mutating func append(commit id: StreamID, _ lease: Lease, _ offsetKey: String) {
        append(OffsetScripts.commit, keys: [lease.lock.key, offsetKey], arguments: [lease.holder, id.description])
    }
}

extension RedisConnection {
    fileprivate func run(commit id: StreamID, _ lease: Lease, _ offsetKey: String) async throws -> RedisReply {
        try await run(
            OffsetScripts.commit, keys: [lease.lock.key, offsetKey], arguments: [lease.holder, id.description])
    }
}

/// Wraps an error after which a consumer must end instead of calling its handler again, such as output that nobody
/// reads any more.
public struct UnretryableHandlerError: Error {
    /// What happened.
    public let underlying: any Error

    /// Wraps an error.
    public init(_ underlying: any Error) {
        self.underlying = underlying
    }
}
