import RedstreamConnection

/// The commit of one consumer under one lease; with attempts counted, it forgets those at what it commits.
struct CommitStep {
    let lease: Lease
    let keys: Keyspace
    let consumer: ConsumerName
    let countsAttempts: Bool

    /// The answer to the commit of an entry that would pass over others, which did not come before it when it was read.
    static let notThere = 3

    /// The script that commits on the connection that reads.
    var script: RedisScript { countsAttempts ? FailureScripts.commit : OffsetScripts.commit }

    private var scriptKeys: [any RedisArgument] {
        let keys = [lease.lock.key, keys.offset(consumer)]
        return countsAttempts ? keys + [self.keys.attempts(consumer)] : keys
    }

    /// Appends the commit of an id that was read on the same connection, and hence from the same server.
    func append(_ id: StreamID, to pipeline: inout RedisPipeline) {
        pipeline.append(script, keys: scriptKeys, arguments: [lease.holder, id.description])
    }

    /// Commits an entry that was read on another connection.
    ///
    /// That may have led to another server: after a failover, the new primary may lack the entry and have others before
    /// it, which nobody has handled. Then nothing is committed, and the answer is 3.
    func run(_ message: Message, on connection: RedisConnection) async throws -> RedisReply {
        try await connection.run(
            countsAttempts ? FailureScripts.commitPresent : OffsetScripts.commitPresent,
            keys: scriptKeys + [keys.stream(consumer.stream)],
            arguments: identity(of: message) + content(of: message))
    }

    /// The holder, the entry's id, and the one before it.
    private func identity(of message: Message) -> [any RedisArgument] {
        [lease.holder, message.id.description, (message.id.predecessor ?? .zero).description]
    }

    private func content(of message: Message) -> [any RedisArgument] {
        message.fields.flatMap { [$0.name, $0.value] as [any RedisArgument] }
    }

    /// Commits an entry in one step with a letter to the dead letters.
    func run(
        deadLetter message: Message, reason: String, attempts: Int, on connection: RedisConnection
    ) async throws -> RedisReply {
        let letterKeys = [keys.stream(consumer.stream), keys.deadLetters(consumer), keys.replays(consumer)]
        return try await connection.run(
            FailureScripts.deadLetter, keys: scriptKeys + letterKeys,
            arguments: identity(of: message) + [consumer.stream, consumer.name, reason, attempts]
                + content(of: message))
    }

    /// Takes what a commit answered.
    ///
    /// - Throws: ``RedstreamError/leaseLost``; ``RedstreamError/offsetChanged(_:)`` where somebody moved the offset by
    ///   hand, beyond what is to be committed; ``RedstreamError/entriesDiffer(_:)`` where the server has not what was read.
    func check(_ reply: RedisReply) throws {
        switch reply.integer {
        case 1: return
        case 2: throw RedstreamError.offsetChanged(consumer)
        case Self.notThere: throw RedstreamError.entriesDiffer(consumer)
        default:
            lease.end(.lost)
            throw RedstreamError.leaseLost
        }
    }
}
