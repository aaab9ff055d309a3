import RedstreamConnection

extension StreamClient {
    /// The dead letters of a consumer, oldest first, by XRANGE.
    ///
    /// - Parameters:
    ///   - consumer: The consumer.
    ///   - first: The first id to look at.
    ///   - last: The last id to look at.
    ///   - limit: The most letters to return.
    /// - Returns: The letters; none where the consumer never gave up.
    /// - Throws: `RedisError`.
    public func deadLetters(
        of consumer: ConsumerName, from first: StreamID = .zero, through last: StreamID = .max, limit: Int = 100
    ) async throws -> [DeadLetter] {
        var letters: [DeadLetter] = []
        let key = keys.deadLetters(consumer)
        try await walk(key, from: first.description, to: last.description, limit: limit) {
            letters += $0.compactMap(Message.init).map(DeadLetter.init)
        }
        return letters
    }

    /// Returns the number of dead letters of a consumer, by XLEN.
    public func deadLetterCount(of consumer: ConsumerName) async throws -> Int {
        let key = keys.deadLetters(consumer)
        return try await pool.withConnection(for: key) { try await $0.call("XLEN", key) }.integer ?? 0
    }

    /// Makes sure that a consumer without dead letters is one that there is, by EXISTS: it has an offset, holds its lock, or
    /// has a stream of dead letters.
    ///
    /// - Throws: ``RedstreamError/unknownStream(_:)``, ``RedstreamError/unknownConsumer(_:)``; `RedisError`.
    package func requireKnown(_ consumer: ConsumerName) async throws {
        let traces = [keys.offset(consumer), keys.lock(consumer).key, keys.deadLetters(consumer)]
        let offset = traces[0]
        let found = try await pool.withConnection(for: offset) { try await $0.call("EXISTS", traces) }.integer ?? 0
        guard found == 0 else { return }
        guard try await lastID(of: consumer.stream) != nil else { throw RedstreamError.unknownStream(consumer.stream) }
        throw RedstreamError.unknownConsumer(consumer)
    }

    /// Writes a dead letter's entry to its stream anew, with its own fields, and removes the letter, in one atomic step.
    ///
    /// Done again, as after an answer that was lost, it does nothing. The entry gets a new id, and every consumer of the
    /// stream sees it. How often it was replayed is kept beside it, for the case that it fails again.
    ///
    /// - Returns: The id of the new entry; nil where the letter is gone.
    /// - Throws: `RedisError`; the letter is still there then.
    public func replay(_ letter: DeadLetter, of consumer: ConsumerName) async throws -> StreamID? {
        try requireOneSlot(of: consumer.stream)
        let letters = keys.deadLetters(consumer)
        let keys = [letters, keys.stream(consumer.stream), keys.replays(consumer)]
        let arguments: [any RedisArgument] = [
            letter.id.description, letter.prefixLength, (letter.origin?.replays ?? 0) + 1,
        ]
        let reply = try await pool.withConnection(for: letters) {
            try await $0.run(FailureScripts.replay, keys: keys, arguments: arguments)
        }
        return reply.string.flatMap { StreamID($0) }
    }

    /// Forgets how often entries were replayed that the consumer has committed since.
    ///
    /// O(replays not yet forgotten); ``replay(_:of:)`` need not wait for it.
    ///
    /// - Throws: `RedisError`; ``RedstreamError/unreadableOffset(_:)``.
    public func forgetReplays(of consumer: ConsumerName) async throws {
        guard let offset = try await storedOffset(of: consumer) else { return }
        let key = keys.replays(consumer)
        try await pool.withConnection(for: key) { connection in
            let ids = try await connection.call("HKEYS", key).elements.compactMap(\.string)
            let old = ids.filter { id in StreamID(id).map { $0 <= offset } ?? true }
            for start in stride(from: 0, to: old.count, by: 1000) {
                let some: [any RedisArgument] = Array(old[start..<min(start + 1000, old.count)])
                _ = try await connection.call("HDEL", [key] + some)
            }
        }
    }

    /// Removes dead letters for good.
    ///
    /// - Returns: How many of them were there.
    /// - Throws: `RedisError`.
    public func purgeDeadLetters(_ ids: [StreamID], of consumer: ConsumerName) async throws -> Int {
        let key = keys.deadLetters(consumer)
        var count = 0
        for start in stride(from: 0, to: ids.count, by: 1000) {
            let some = ids[start..<min(start + 1000, ids.count)].map(\.description)
            count +=
                try await pool.withConnection(for: key) {
                    try await $0.run(FailureScripts.purge, keys: [key], arguments: some)
                }.integer ?? 0
        }
        return count
    }
}
