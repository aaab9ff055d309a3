import Logging
import Metrics
import RedstreamConnection
import Synchronization

/// The progress of a consumer, over all of its sessions and connections.
final class ConsumerProgress: Sendable {
    private let state = Mutex((read: 0, uncommitted: Message?.none))

    /// Entries handled, towards a limit of entries.
    var handledCount: Int { state.withLock { $0.read } }
    /// The last entry that was handled, and not committed because the connection broke.
    var uncommitted: Message? { state.withLock { $0.uncommitted } }

    func handled(_ messages: [Message]) {
        state.withLock { $0 = ($0.read + messages.count, messages.last) }
    }

    func committed() {
        state.withLock { $0.uncommitted = nil }
    }
}

/// A consumer's time under its lock: sessions on one connection after another, for as long as the lease lasts.
struct ConsumerSession {
    private let consumer: Consumer
    private let lease: Lease
    private let stop: StopSignal
    private let retries: Retries
    private let progress: ConsumerProgress
    private let metrics: ConsumerMetrics
    private let commitStep: CommitStep
    private let onStart: @Sendable (StreamID) -> Void
    private var client: StreamClient { consumer.client }

    init(
        _ consumer: Consumer, lease: Lease, stop: StopSignal, retries: Retries,
        progress: ConsumerProgress = ConsumerProgress(), onStart: @escaping @Sendable (StreamID) -> Void = { _ in }
    ) {
        self.consumer = consumer
        self.lease = lease
        self.stop = stop
        self.retries = retries
        self.progress = progress
        self.onStart = onStart
        metrics = ConsumerMetrics(consumer.name)
        commitStep = CommitStep(
            lease: lease, keys: consumer.client.keys, consumer: consumer.name,
            countsAttempts: consumer.options.failurePolicy.maxAttempts != nil)
    }

    /// Consumes until a stop (false) or the limits (true).
    ///
    /// A connection that breaks does not end the session: the lease has a connection of its own.
    func run() async throws -> Bool {
        defer { progress.committed() }
        var backoff = Backoff()
        return try await retries.run(under: lease, until: stop) {
            do {
                return try await consumer.readSizes.whileShrinking {
                    retries.tries(.read)
                    return try await session { reader, attempts in try await consume(&reader, attempts) }
                }
            } catch RedstreamError.offsetChanged {
                client.logger.notice("the offset of \(consumer.name.name) was moved forward; reading on from there")
                progress.committed()
            } catch let error as RedstreamError where error == .entriesDiffer(consumer.name) {
                // No outage: the next connection may lead to the server that has them, or else to what there is instead.
                client.logger.warning("\(error); nothing of it is committed")
                try await stop.sleep(for: backoff.nextDelay())
            }
            return nil
        } ?? false
    }

    /// Handles one batch, if there is one now.
    func handleOneBatch() async throws -> Consumer.Outcome {
        try await session { reader, _ in
            let step = try await reader.next(block: nil, stop: stop)
            guard let last = step.messages.last else { return .empty }
            try await metrics.timed(step.messages) {
                try await consumer.handle(Batch(consumer: consumer.name, messages: step.messages))
            }
            try Task.checkCancellation()
            try await check(
                commit: client.pool.withConnection(for: offsetKey) { try await commitStep.run(last, on: $0) })
            return .handled(step.messages.count)
        }
    }

    private func session<Value>(_ body: (inout BatchReader, StoredAttempts) async throws -> Value) async throws -> Value
    {
        let name = consumer.clientName(role: "consumer")
        return try await client.pool.withOwnConnection(name: name, for: offsetKey) { connection in
            try await connection.load([commitStep.script])
            retries.tries(.commit)
            if let message = progress.uncommitted {
                let reply = try await commitStep.run(message, on: connection)
                if reply.integer == CommitStep.notThere {
                    client.logger.notice(
                        "\(consumer.name.stream) has other entries than before \(message.id): \(consumer.name.name) reads on from its offset"
                    )
                } else {
                    try check(commit: reply)
                }
                progress.committed()
            }
            retries.succeeded(.commit)
            retries.tries(.read)
            let offset = try await startingOffset(on: connection)
            onStart(offset)
            var reader = BatchReader(
                connection: connection, key: client.keys.stream(consumer.name.stream), after: offset,
                sizes: consumer.readSizes, limits: consumer.options.limits, readCount: progress.handledCount,
                logger: client.logger)
            return try await body(&reader, try await storedAttempts(after: offset, on: connection))
        }
    }

    private func consume(_ reader: inout BatchReader, _ attempts: StoredAttempts) async throws -> Bool {
        var commit: StreamID?
        var handling = BatchHandling(
            consumer, commitStep: commitStep, stop: stop, progress: progress, metrics: metrics, attempts: attempts,
            retries: retries)
        while true {
            retries.tries(commit == nil ? .read : [.read, .commit])
            let wait = try await waitingTime(reader)
            let step = try await reader.next(
                committing: commit.map { id in { commitStep.append(id, to: &$0) } }, block: wait, stop: stop)
            if let reply = step.commitReply {
                retries.tries(.commit)
                try check(commit: try await repaired(reply))
                progress.committed()
                commit = nil
                retries.succeeded([.commit, .attempt, .giveUp])
            }
            if step.wasRead { retries.succeeded(.read) }
            guard !step.messages.isEmpty else {
                // There is nothing left to do that could fail.
                if step.wasRead { retries.succeeded() }
                if reader.isDone || wait == nil { return true }
                if stop.isStopping { return false }
                continue
            }
            guard !stop.isStopping else { return false }
            try await reader.readAhead(afterFull: step.messages.count)
            guard case .done(let uncommitted) = try await handling.handle(step.messages) else { return false }
            commit = uncommitted
        }
    }

    /// Returns the known attempts at entries that are not committed.
    private func storedAttempts(after offset: StreamID, on connection: RedisConnection) async throws -> StoredAttempts {
        guard commitStep.countsAttempts else { return .empty }
        let hash = try await connection.call("HGETALL", client.keys.attempts(consumer.name))
        return StoredAttempts(hash: hash.pairs.map { ($0, $1.string ?? "") }, after: offset)
    }

    /// Returns the time to wait for entries; nil where none can come within the limits.
    private func waitingTime(_ reader: BatchReader) async throws -> Duration? {
        let blockTime = BatchReader.blockTime(on: client.pool)
        guard reader.limits.end != nil else { return blockTime }
        let now = try await client.serverTime(of: consumer.name.stream)
        return reader.limits.waitingTime(atMost: blockTime, now: now)
    }

    private var offsetKey: RedisKey { client.keys.offset(consumer.name) }

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
        let reply = try await client.run(
            OffsetScripts.initialize,
            keys: [lease.lock.key, offsetKey, client.keys.stream(consumer.name.stream)],
            arguments: [lease.holder, start], registering: consumer.name, on: connection)
        let parts = reply.elements.prefix(2).compactMap(\.string).map { StreamID(lenient: $0) }
        guard parts.count == 2, let offset = parts[0] else {
            if reply.isNull { throw RedstreamError.leaseLost }
            throw RedstreamError.unreadableOffset(consumer.name)
        }
        client.warnOfMissingRight(isDenied: reply.elements.count > 2 && reply.elements[2].string != "")
        try await client.register([consumer.name.stream], on: connection)
        if let last = parts[1], offset > last, last > .zero {
            client.logger.warning(
                "the offset \(offset) of \(consumer.name.name) is beyond the last id \(last) of \(consumer.name.stream): it will read nothing until the stream passes that id; seek to earliest or latest"
            )
        }
        return offset
    }

    /// A commit that met a server without the script, or a node that serves its keys no more, is made again on another
    /// connection: this one may be blocked by now.
    private func repaired(_ reply: RedisReply) async throws -> RedisReply {
        guard let error = reply.error else { return reply }
        guard error.serverCode == .noScript || reply.isRedirection, let message = progress.uncommitted else {
            throw error
        }
        return try await client.pool.withConnection(for: offsetKey) { try await commitStep.run(message, on: $0) }
    }

    private func check(commit reply: RedisReply) throws {
        try commitStep.check(reply)
        metrics.commits.increment()
    }
}
