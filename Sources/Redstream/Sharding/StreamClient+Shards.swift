import RedstreamConnection

extension StreamClient {
    /// Moves the offsets of several consumers as planned, such as those of one name on all shards of a stream.
    ///
    /// The locks of all are taken first: where one is held, none is moved. A server that fails in between leaves some
    /// moved; made again, it moves the others.
    ///
    /// - Throws: ``RedstreamError/memberHeld(_:by:)`` while one of several runs; otherwise as ``seek(_:as:)``.
    public func seek(_ plans: [(consumer: ConsumerName, plan: SeekResult)]) async throws {
        try await underLocks(of: plans.map(\.consumer)) { leases in
            for ((consumer, plan), lease) in zip(plans, leases) { try await move(consumer, as: plan, under: lease) }
        }
    }

    /// Removes several consumers that are no more, such as those of one name on all shards of a stream.
    ///
    /// The locks of all are taken first: where one is held, none is removed. One that has no offset any more is passed
    /// over, so that it can be made again.
    ///
    /// - Throws: ``RedstreamError/memberHeld(_:by:)`` while one of several runs; otherwise as ``forget(_:)-(ConsumerName)``.
    public func forget(_ consumers: [ConsumerName]) async throws {
        try await underLocks(of: consumers) { leases in
            for (consumer, lease) in zip(consumers, leases) {
                do { try await forget(consumer, under: lease) } catch RedstreamError.unknownConsumer {}
            }
        }
    }

    private func underLocks(of consumers: [ConsumerName], _ body: ([Lease]) async throws -> Void) async throws {
        for consumer in consumers { try requireOneSlot(of: consumer.stream) }
        let holder = HolderIdentity.make()
        var held: [Lease] = []
        do {
            for consumer in consumers {
                switch try await leases.acquire(keys.lock(consumer), as: holder) {
                case .acquired(let lease): held.append(lease)
                case .held(let other):
                    guard consumers.count > 1 else { throw RedstreamError.lockHeld(by: other) }
                    throw RedstreamError.memberHeld("consumer \(consumer.name) of \(consumer.stream)", by: other)
                }
            }
            try await body(held)
        } catch {
            for lease in held { await leases.release(lease) }
            throw error
        }
        var denial: RedisError?
        for lease in held { denial = await leases.release(lease) ?? denial }
        if let denial { throw denial }
    }
}
