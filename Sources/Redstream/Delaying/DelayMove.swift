import Logging
import RedstreamConnection

/// Moves due entries from a delay stream to its stream, in one atomic step on the server that happens under the
/// lock or not at all.
///
/// WATCH on the lock, a look at its holder and at the entries; then MULTI, one XADD for each entry, and a script that
/// removes them from the delay stream, EXEC. EXEC does not roll back: should the XADDs fail, the script must not
/// remove anything, and it looks at the target for that.
struct DelayMove {
    /// The outcome of one step.
    enum Outcome: Equatable {
        /// That many entries were moved, up to an id; more may be due.
        case moved(Int, through: StreamID)
        /// Nothing is due before this much time has passed; nil where the delay stream is empty.
        case notDue(Duration?)
        /// The lock was touched between the look and the move; nothing was moved. Another look tells why.
        case disturbed
    }

    static let batchSize = 1000
    static let byteLimit = 4 << 20

    let stream: String
    let policy: DelayPolicy
    let lease: Lease
    let keys: Keyspace
    let readSizes: ReadSizes
    let logger: Logger

    /// Makes one step.
    ///
    /// - Parameters:
    ///   - connection: Where to make it; nobody else uses it meanwhile.
    ///   - cursor: What the last step has learnt of the server's clock and of the size of entries.
    ///
    /// - Returns: What it did.
    /// - Throws: ``RedstreamError/leaseLost``; ``RedstreamError/unsoundTarget(stream:reason:)``, after which every
    ///   entry is still in the delay stream; `RedisError`.
    func perform(on connection: RedisConnection, cursor: inout DelayCursor) async throws -> Outcome {
        let horizon = policy.lastDueID(now: cursor.clock.latestPossible) ?? .zero
        let replies = try await look(through: horizon, count: cursor.count, on: connection)
        guard replies[2].string == lease.holder else {
            lease.end(.lost)
            throw RedstreamError.leaseLost
        }
        let now = try StreamClient.milliseconds(of: replies[3])
        cursor.clock = ServerClock(milliseconds: now)
        let fetched = StreamEntries(range: replies[4]).compactMap(Message.init)
        let due = policy.lastDueID(now: now).map { last in fetched.prefix { $0.id <= last } } ?? []
        let portion = DelayPolicy.portion(of: Array(due), atMostBytes: Self.byteLimit)
        cursor.learn(fetched: due.count, moved: portion.count)
        guard let last = portion.last else {
            let first = try await firstID(on: connection)
            return .notDue(first.map { policy.wait(for: $0, now: now) })
        }
        guard try await move(portion, through: last.id, on: connection) else { return .disturbed }
        return .moved(portion.count, through: last.id)
    }

    /// Watches the lock and fetches entries: the replies are renewal, WATCH, holder, time, entries.
    private func look(
        through horizon: StreamID, count: Int, on connection: RedisConnection
    ) async throws -> RedisReplies {
        let count = min(count, readSizes.count)
        var look = RedisPipeline()
        // Renewed first: EXEC must not meet a lock that is about to run out.
        look.appendRenewal(of: lease)
        look.append("WATCH", lease.lock.key)
        look.append("GET", lease.lock.key)
        look.append("TIME")
        look.append("XRANGE", delayKey, "-", horizon.description, "COUNT", count)
        let commands = look
        let replies = try await reading { try await connection.executeChecked(commands) }
        readSizes.succeeded(entries: replies[4].elements.count, loggingTo: logger)
        return replies
    }

    /// Fetches the id of the first entry, whether due or not, and watches the lock no more.
    private func firstID(on connection: RedisConnection) async throws -> StreamID? {
        var pipeline = RedisPipeline("XRANGE", delayKey, "-", "+", "COUNT", 1)
        pipeline.append("UNWATCH")
        let commands = pipeline
        let reply = try await reading { try await connection.executeChecked(commands) }[0]
        return StreamEntries(range: reply).first.flatMap { StreamID(utf8: $0.id) }
    }

    private func reading(_ body: () async throws -> RedisReplies) async throws -> RedisReplies {
        try await readSizes.noting("the first of the delay stream", body)
    }

    private var delayKey: RedisKey { keys.delayStream(stream) }

    /// Carries out the move; false where the lock was touched meanwhile.
    private func move(
        _ messages: ArraySlice<Message>, through last: StreamID, on connection: RedisConnection
    ) async throws -> Bool {
        guard let bound = last.successor else {
            throw RedstreamError.unsoundTarget(stream: stream, reason: "the delay stream has used up its ids")
        }
        let target = keys.stream(stream)
        var encoder = EntryEncoder(key: target)
        encoder.append("MULTI")
        for message in messages { encoder.append(copying: message) }
        encoder.append(
            "EVAL", Self.finish.source, 3, target, delayKey, keys.offset(.delayer(of: stream)), bound.description,
            last.description)
        encoder.append("EXEC")
        let replies = try await connection.execute(encoder.pipeline)
        guard let answer = replies.last else { throw RedstreamError.unexpectedReply(to: "EXEC") }
        if let refused = answer.error {
            // EXECABORT says only that a queued command was refused; that command's reply says why.
            throw replies.firstError?.error ?? refused
        }
        if answer.isNull { return false }
        let results = answer.elements
        if let failed = results.lazy.compactMap({ $0.error }).first {
            guard failed.serverCode != .noPermission else { throw failed }
            throw RedstreamError.unsoundTarget(stream: stream, reason: failed.reason)
        }
        guard results.last?.integer == 1 else {
            throw RedstreamError.unsoundTarget(stream: stream, reason: "it has used up its ids")
        }
        return true
    }

    /// Tries, on nothing, what ``finish`` does.
    ///
    /// A user without the right to it would leave in the delay stream what was moved, and move it again at each start.
    ///
    /// - Throws: `RedisError` where a right is missing.
    static func checkRights(of stream: String, in keys: Keyspace, on connection: RedisConnection) async throws {
        var pipeline = RedisPipeline()
        pipeline.append("XTRIM", keys.delayStream(stream), "MINID", "0-0")
        pipeline.append("TYPE", keys.stream(stream))
        pipeline.append("XINFO", "STREAM", keys.stream(stream))
        for reply in try await connection.execute(pipeline) {
            // A stream that is not there yet, or of another type, is met by the move itself.
            if let error = reply.error, error.serverCode == .noPermission { throw error }
        }
    }

    /// Removes what was moved, if the target took it.
    ///
    /// It cannot see the replies of the XADDs before it. They fail where the target is no stream, or has given out
    /// the highest id there is.
    ///
    /// KEYS: stream, delay stream, the delayer's offset. ARGV: the first id to keep, the last id moved.
    /// The offset is written for the gem's delayer, which starts from it; failing to must not undo the rest.
    static let finish = RedisScript(
        """
        if redis.call('TYPE', KEYS[1]).ok ~= 'stream' then return 0 end
        local info = redis.call('XINFO', 'STREAM', KEYS[1])
        for i = 1, #info, 2 do
            if info[i] == 'last-generated-id' and info[i + 1] == '18446744073709551615-18446744073709551615' then
                return 0
            end
        end
        redis.call('XTRIM', KEYS[2], 'MINID', ARGV[1])
        redis.pcall('SET', KEYS[3], ARGV[2])
        return 1
        """)
}

/// The facts that one step learns for the next.
struct DelayCursor {
    /// The server's clock, so that no entries are fetched that cannot be due yet.
    var clock = ServerClock()
    /// The number of entries to fetch: no more than fit a move.
    private(set) var count = DelayMove.batchSize

    mutating func learn(fetched: Int, moved: Int) {
        count = moved < fetched ? max(moved, 1) : min(count * 2, DelayMove.batchSize)
    }
}

/// The server's clock as last seen, carried on by a clock of ours that nobody sets.
struct ServerClock {
    private var seen: (milliseconds: UInt64, at: ContinuousClock.Instant)?

    /// The difference by which the two clocks may drift apart between two looks, in milliseconds.
    private static let slack: UInt64 = 100

    /// A clock that was not seen yet.
    init() {}

    /// The clock as TIME has just told it.
    init(milliseconds: UInt64) {
        seen = (milliseconds, .now)
    }

    /// A time that the server's clock has hardly passed by now, in milliseconds; 0 before it was first seen.
    var latestPossible: UInt64 {
        guard let seen else { return 0 }
        return seen.milliseconds + UInt64(seen.at.duration(to: .now).milliseconds) + Self.slack
    }
}
