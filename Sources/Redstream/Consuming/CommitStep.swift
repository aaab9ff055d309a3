import RedisClient

/// The commit of one consumer under one lease; with attempts counted, it forgets those at what it commits.
struct CommitStep {
    let lease: Lease
    let keys: Keyspace
    let consumer: ConsumerName
    let countsAttempts: Bool

    var script: RedisScript { countsAttempts ? FailureScripts.commit : OffsetScripts.commit }

    private var scriptKeys: [any RedisArgument] {
        let keys = [lease.lock.key, keys.offset(consumer)]
        return countsAttempts ? keys + [self.keys.attempts(consumer)] : keys
    }

    /// Appends the commit of an id.
    func append(_ id: StreamID, to pipeline: inout RedisPipeline) {
        pipeline.append(script, keys: scriptKeys, arguments: [lease.holder, id.description])
    }

    /// Commits an id.
    func run(_ id: StreamID, on connection: RedisConnection) async throws -> RedisReply {
        try await connection.run(script, keys: scriptKeys, arguments: [lease.holder, id.description])
    }

    /// Commits an entry in one step with a letter to the dead letters.
    func run(
        deadLetter message: Message, reason: String, attempts: Int, on connection: RedisConnection
    ) async throws -> RedisReply {
        let letterKeys = [keys.deadLetters(consumer), keys.replays(consumer)]
        var arguments: [any RedisArgument] = [
            lease.holder, message.id.description, consumer.stream, consumer.name, reason, attempts,
        ]
        for field in message.fields { arguments += [field.name, field.value] }
        return try await connection.run(
            FailureScripts.deadLetter, keys: scriptKeys + letterKeys, arguments: arguments)
    }

    /// Takes what a commit answered.
    ///
    /// - Throws: ``RedstreamError/leaseLost``; ``RedstreamError/offsetChanged(_:)`` where somebody moved the offset by
    ///   hand, beyond what is to be committed.
    func check(_ reply: RedisReply) throws {
        switch reply.integer {
        case 1: return
        case 2: throw RedstreamError.offsetChanged(consumer)
        default:
            lease.end(.lost)
            throw RedstreamError.leaseLost
        }
    }
}
