import RedstreamConnection

/// The target to which `seek` moves an offset.
public enum SeekTarget: Sendable, Equatable {
    /// `0-0`: every entry present is read again.
    case earliest
    /// The last id given out: everything present is skipped.
    case latest
    /// An offset: the id of the last entry that counts as committed.
    case offset(StreamID)
    /// The last id that another consumer of the stream has committed.
    case committed(String)
    /// So many entries forward, or back for a negative number, from the present offset.
    case shift(Int)
}

/// The change that `seek` made, or would make.
public struct SeekResult: Sendable, Equatable {
    /// The offset before; nil where none was stored.
    public var prior: StreamID?
    /// The offset after.
    public var offset: StreamID
    /// Entries that are delivered again because of it.
    public var redelivered: Int
    /// Entries that will not be delivered because of it.
    public var skipped: Int
}

extension StreamClient {
    /// Says what ``seek(_:to:)`` would do, and changes nothing.
    ///
    /// Counts the entries between the two offsets: O(entries counted).
    ///
    /// - Throws: ``RedstreamError/unknownConsumer(_:)`` for a consumer named in the target;
    ///   ``RedstreamError/unknownStream(_:)`` where there is neither an offset nor a stream; `RedisError`.
    public func planSeek(_ consumer: ConsumerName, to target: SeekTarget) async throws -> SeekResult {
        try requireOneSlot(of: consumer.stream)
        let prior = try await storedOffset(of: consumer)
        // A consumer may be given an offset before it first runs, but hardly one of a stream that nobody writes.
        if prior == nil, try await lastID(of: consumer.stream) == nil {
            throw RedstreamError.unknownStream(consumer.stream)
        }
        let from = prior ?? .zero
        let offset =
            switch target {
            case .earliest: StreamID.zero
            case .latest: try await lastID(of: consumer.stream) ?? .zero
            case .offset(let id): id
            case .committed(let other):
                try await self.offset(of: ConsumerName(stream: consumer.stream, name: other))
            case .shift(let count): try await self.offset(shifting: from, by: count, in: consumer.stream)
            }
        var result = SeekResult(prior: prior, offset: offset, redelivered: 0, skipped: 0)
        let (low, high) = (min(from, offset), max(from, offset))
        if let first = low.successor {
            let between = try await countEntries(in: consumer.stream, from: first, through: high)
            if offset < from { result.redelivered = between } else { result.skipped = between }
        }
        return result
    }

    /// Moves the offset of a consumer, under its lock.
    ///
    /// - Throws: ``RedstreamError/lockHeld(by:)`` while the consumer runs; ``RedstreamError/leaseLost``;
    ///   ``RedstreamError/unknownConsumer(_:)`` for a consumer named in the target; `RedisError`.
    public func seek(_ consumer: ConsumerName, to target: SeekTarget) async throws -> SeekResult {
        let plan = try await planSeek(consumer, to: target)
        try await seek(consumer, as: plan)
        return plan
    }

    /// Moves the offset of a consumer as planned, under its lock.
    ///
    /// It can be made again when its answer was lost: an offset that was moved already is left where it is.
    ///
    /// - Throws: ``RedstreamError/offsetChanged(_:)`` when the offset is not what it was at the time of the plan;
    ///   otherwise as ``seek(_:to:)``.
    public func seek(_ consumer: ConsumerName, as plan: SeekResult) async throws {
        try await seek([(consumer, plan)])
    }

    /// Moves the offsets of several consumers as planned, such as those of one name on all shards of a stream.
    ///
    /// The locks of all are taken first: where one is held, none is moved. A server that fails in between leaves some
    /// moved; made again, it moves the others.
    ///
    /// - Throws: ``RedstreamError/memberHeld(_:by:)`` while one of several runs; otherwise as ``seek(_:as:)``.
    public func seek(_ plans: [(consumer: ConsumerName, plan: SeekResult)]) async throws {
        try await withLocks(of: plans.map(\.consumer)) { [self] leases in
            for ((consumer, plan), lease) in zip(plans, leases) { try await move(consumer, as: plan, under: lease) }
        }
    }

    private func move(_ consumer: ConsumerName, as plan: SeekResult, under lease: Lease) async throws {
        let keys = [lease.lock.key, keys.offset(consumer), keys.attempts(consumer)]
        let arguments = [lease.holder, plan.offset.description, plan.prior?.description ?? ""]
        let reply = try await pool.withConnection(for: lease.lock.key) {
            try await run(OffsetScripts.move, keys: keys, arguments: arguments, registering: consumer, on: $0)
        }
        switch reply.integer {
        case 1: return
        case 2: throw RedstreamError.offsetChanged(consumer)
        default: throw RedstreamError.leaseLost
        }
    }

    /// Removes a consumer that is no more: its offset, its attempts and its replays.
    ///
    /// Dead letters stay.
    ///
    /// - Returns: The offset that it had; nil where what was stored was no entry id.
    /// - Throws: ``RedstreamError/unknownConsumer(_:)`` where it has no offset; ``RedstreamError/lockHeld(by:)``
    ///   while it runs; `RedisError`.
    public func forget(_ consumer: ConsumerName) async throws -> StreamID? {
        try await withLocks(of: [consumer]) { [self] in try await forget(consumer, under: $0[0]) }
    }

    /// Removes several consumers that are no more, such as those of one name on all shards of a stream.
    ///
    /// The locks of all are taken first: where one is held, none is removed. One that has no offset any more is passed
    /// over, so that it can be made again.
    ///
    /// - Throws: ``RedstreamError/memberHeld(_:by:)`` while one of several runs; otherwise as ``forget(_:)-(ConsumerName)``.
    public func forget(_ consumers: [ConsumerName]) async throws {
        try await withLocks(of: consumers) { [self] leases in
            for (consumer, lease) in zip(consumers, leases) {
                do { try await forget(consumer, under: lease) } catch RedstreamError.unknownConsumer {}
            }
        }
    }

    @discardableResult
    private func forget(_ consumer: ConsumerName, under lease: Lease) async throws -> StreamID? {
        var offset: StreamID?
        var unknown: RedstreamError?
        do { offset = try await readableOffset(of: consumer) } catch let error as RedstreamError { unknown = error }
        // The name may be registered all the same.
        let keys = [lease.lock.key, keys.offset(consumer), keys.attempts(consumer), keys.replays(consumer)]
        let reply = try await pool.withConnection(for: lease.lock.key) {
            try await run(OffsetScripts.forget, keys: keys, arguments: [lease.holder], registering: consumer, on: $0)
        }
        guard reply.integer == 1 else { throw RedstreamError.leaseLost }
        if let unknown { throw unknown }
        return offset
    }

    /// The offset of a consumer; nil where what is stored is no entry id.
    ///
    /// - Throws: ``RedstreamError/unknownConsumer(_:)`` where nothing is stored; `RedisError`.
    public func readableOffset(of consumer: ConsumerName) async throws -> StreamID? {
        do { return try await offset(of: consumer) } catch RedstreamError.unreadableOffset { return nil }
    }

    /// Takes the locks of some consumers, all or none, and runs work under them.
    private func withLocks<Value: Sendable>(
        of consumers: [ConsumerName], _ body: @escaping @Sendable ([Lease]) async throws -> Value
    ) async throws -> Value {
        for consumer in consumers { try requireOneSlot(of: consumer.stream) }
        return try await withLocks(
            consumers.map { keys.lock($0) },
            orThrow: { index, holder in
                guard consumers.count > 1 else { return .lockHeld(by: holder) }
                return .memberHeld("consumer \(consumers[index].name) of \(consumers[index].stream)", by: holder)
            }, body)
    }
}
