import Logging
import RedstreamConnection

/// Reads a stream batch by batch on one connection, and carries commits along.
///
/// While a full batch is handled, the next one is already asked for, without BLOCK. Only the pipeline that has
/// just carried a commit blocks: otherwise the commit would wait behind it.
struct BatchReader {
    /// Returns the time that one XREAD waits on the server.
    ///
    /// It is asked again for as long as it takes; a bound lets a peer that vanished without a word be noticed.
    ///
    /// In a cluster it is shorter: who waits for a key while its slot is on the way to another node is not told when the
    /// key has gone there, and has to ask again to hear of it.
    static func blockTime(on pool: RedisPool) -> Duration { pool.cluster == nil ? .seconds(10) : .seconds(1) }

    let connection: RedisConnection
    let key: RedisKey
    let sizes: ReadSizes
    let limits: ReadLimits
    let logger: Logger
    /// The id after which to read on.
    private(set) var position: StreamID
    /// The entries read so far.
    private(set) var readCount = 0
    /// A read that was sent and whose reply was not taken yet.
    private var pending: PendingRead?
    /// The number of entries that the last read asked for.
    private var askedCount = 0
    /// True if the server has answered a read on this connection.
    ///
    /// The first read does not wait: it shows at once whether reading works, and whether it is too large.
    private var hasRead = false
    private let readCommand = EncodedArguments("XREAD", "COUNT")

    init(
        connection: RedisConnection, key: RedisKey, after position: StreamID, sizes: ReadSizes, limits: ReadLimits,
        readCount: Int, logger: Logger
    ) {
        self.connection = connection
        self.key = key
        self.position = position
        self.sizes = sizes
        self.logger = logger
        self.limits = limits
        self.readCount = readCount
        // Entries that the previous connection read but did not handle go back to the shared allowance.
        limits.share?.settle(at: readCount)
    }

    private struct PendingRead {
        /// The time that the server may hold the reply back.
        var block: Duration?
    }

    /// The outcome of one step.
    struct Step {
        /// The next messages; empty if none came in time.
        var messages: [Message]
        /// The reply to the commit, if one was carried.
        var commitReply: RedisReply?
        /// True if the server answered a read.
        var wasRead = false
    }

    /// True if the limits leave nothing more to read.
    var isDone: Bool { limits.isReached(read: readCount, last: position) }

    /// Asks for the next batch in advance, if the last one was full and there may be another.
    mutating func readAhead(afterFull count: Int) async throws {
        guard count == askedCount, !isDone, pending == nil else { return }
        var pipeline = RedisPipeline()
        appendRead(to: &pipeline, block: nil)
        try await connection.send(pipeline)
        pending = PendingRead(block: nil)
    }

    /// Commits, and fetches the next batch.
    ///
    /// - Parameters:
    ///   - commit: Appends the commit of the last batch.
    ///   - block: How long to wait where nothing is there; nil not at all.
    ///   - stop: Ends the waiting early: the step is empty then, and the connection closed.
    /// - Returns: The batch, and the reply to the commit.
    /// - Throws: `RedisError`.
    mutating func next(
        committing commit: ((inout RedisPipeline) -> Void)? = nil, block: Duration?, stop: StopSignal
    ) async throws -> Step {
        var step = Step(messages: [])
        if let pending {
            self.pending = nil
            let replies = try await read(block: pending.block, stop: stop, follows: commit == nil)
            step.messages = try take(replies)
            step.wasRead = replies != nil
        }
        var pipeline = RedisPipeline()
        commit?(&pipeline)
        let mustRead = step.messages.isEmpty && !isDone && !stop.isStopping
        // Another reader may take the rest of a shared count meanwhile, and nothing would wake this one.
        let longest = limits.share == nil ? block : block.map { min($0, .milliseconds(100)) }
        let block = hasRead ? longest : nil
        if mustRead { appendRead(to: &pipeline, block: block) }
        guard pipeline.count > 0 else { return step }
        try await connection.send(pipeline)
        if commit != nil {
            let connection = connection
            let isImmediate = mustRead && block == nil
            let reply = try await (isImmediate ? noting { try await connection.receive(1) } : connection.receive(1))[0]
            step.commitReply = reply
            // A commit that failed is not to wait until something comes.
            if mustRead, reply.integer != 1 {
                pending = PendingRead(block: block)
                return step
            }
        }
        if mustRead {
            let replies = try await read(block: block, stop: stop)
            step.messages = try take(replies)
            step.wasRead = replies != nil
        }
        return step
    }

    /// The reply to a read that was sent; where the stream has gone to another node of a cluster, that to one made there.
    ///
    /// Where a commit is still to be made it does not follow: the commit would go along, and the other node may have other
    /// entries than were read here.
    private mutating func read(block: Duration?, stop: StopSignal, follows: Bool = true) async throws -> RedisReplies? {
        let connection = connection
        let replies = try await wait(block: block, stop: stop) {
            try await connection.receive(1, blocking: block ?? .zero)
        }
        guard replies?[0].isRedirection == true else { return replies }
        guard follows else {
            throw RedisError(.slotMoved, address: connection.address, cause: .slotMoved(.servedElsewhere))
        }
        var pipeline = RedisPipeline()
        appendRead(to: &pipeline, block: block)
        let again = pipeline
        return try await wait(block: block, stop: stop) {
            try await connection.execute(again, blocking: block ?? .zero)
        }
    }

    private func wait(
        block: Duration?, stop: StopSignal, _ answer: () async throws -> RedisReplies
    ) async throws -> RedisReplies? {
        guard block != nil else { return try await noting(answer) }
        let connection = connection
        return try await stop.wakeable(by: { connection.close() }) {
            do {
                return try await answer()
            } catch is RedisError where stop.isStopping && !Task.isCancelled {
                // The connection was closed for the stop, in the wait or just before it.
                return nil
            }
        }
    }

    private func noting(_ answer: () async throws -> RedisReplies) async throws -> RedisReplies {
        try await sizes.noting("the first after \(position)", answer)
    }

    private mutating func take(_ replies: RedisReplies?) throws -> [Message] {
        guard let replies else { return [] }
        // An error taken for "nothing came" would be asked for again at once, for ever.
        let read = StreamEntries(read: try replies[0].get()).compactMap(Message.init)
        hasRead = true
        sizes.succeeded(entries: read.count, loggingTo: logger)
        let wanted = limits.withinEnd(read)
        let messages = limits.granted(wanted)
        // What others have taken of a shared count may come back, and reading goes on here then.
        if let last = messages.count < wanted.count ? messages.last : read.last { position = last.id }
        readCount += messages.count
        return messages
    }

    private mutating func appendRead(to pipeline: inout RedisPipeline, block: Duration?) {
        pipeline.beginCommand(argumentCount: block == nil ? 6 : 8)
        pipeline.appendEncoded(readCommand)
        askedCount = limits.nextCount(batchSize: sizes.count, read: readCount)
        askedCount.append(to: &pipeline)
        if let block {
            "BLOCK".append(to: &pipeline)
            max(block.milliseconds, 1).append(to: &pipeline)
        }
        "STREAMS".append(to: &pipeline)
        key.append(to: &pipeline)
        position.description.append(to: &pipeline)
    }
}
