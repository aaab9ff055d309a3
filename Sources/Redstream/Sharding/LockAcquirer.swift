import RedstreamConnection

/// Goes for the locks that a coordinator wants, with one connection for all that it waits for; in a cluster one for each slot,
/// so that a node which is away keeps nobody from the locks of the others.
struct LockAcquirer: Sendable {
    /// Locks that one command can name: all of them, and in a cluster those of one slot.
    struct Group: Sendable {
        /// Their slot's number; 0 where there is no cluster.
        let slot: Int
        /// One of their keys.
        let key: RedisKey
        let indices: Set<Int>
    }

    /// The news of a search.
    enum News: Sendable {
        /// A lock was taken; its lease is in the state.
        case taken(Int)
        /// There is nothing to be had, and nothing to do but to wait.
        case waits
        /// The node does not answer.
        case isAway
    }

    let client: StreamClient
    let locks: [LockName]
    /// The name that CLIENT LIST shows for the waiting connection.
    let clientName: String
    let state: LockCoordinatorState
    /// True if it waits for locks that are held; otherwise they are passed over.
    let waits: Bool
    /// The time that the server of a lock may be away before its error is thrown; nil for ever.
    let retryLimit: Duration?

    /// The groups of which something is wanted.
    var groups: [Group] {
        let wanted = state.plan.wanted
        guard client.pool.cluster != nil else {
            return wanted.first.map { [Group(slot: 0, key: locks[$0].key, indices: Set(locks.indices))] } ?? []
        }
        return Dictionary(grouping: wanted) { slot(of: $0) }
            .map { Group(slot: $0, key: locks[$1[0]].key, indices: Set($1)) }
    }

    /// The slot of a lock.
    func slot(of index: Int) -> Int { client.pool.cluster == nil ? 0 : ClusterSlot(of: locks[index].key).number }

    /// Takes what comes free of a group, until nothing of it is wanted any more, or a stop.
    ///
    /// Its node may be away meanwhile; with `waits` off, what is held is passed over.
    ///
    /// - Parameters:
    ///   - group: The locks.
    ///   - stop: Ends the search.
    ///   - tell: Is told what happens, as it happens.
    /// - Throws: `RedisError` that no retry mends, or beyond the limit; what was taken by then is in the state.
    func attend(_ group: Group, until stop: StopSignal, _ tell: @Sendable (News) -> Void) async throws {
        try await client.withRetries(for: retryLimit, until: stop) { retries in
            guard !stop.isStopping else { return }
            do {
                try await client.pool.withOwnConnection(name: clientName, for: group.key) { connection in
                    try await stop.wakeable(by: { connection.close() }) {
                        try await attend(group, on: connection, until: stop, retries, tell)
                    }
                }
            } catch is RedisError where stop.isStopping && !Task.isCancelled {
                // The connection was closed for the stop.
            } catch {
                tell(.isAway)
                throw error
            }
        }
    }

    private func attend(
        _ group: Group, on connection: RedisConnection, until stop: StopSignal, _ retries: Retries,
        _ tell: @Sendable (News) -> Void
    ) async throws {
        var released: Int?
        while !stop.isStopping {
            try Task.checkCancellation()
            let held = try await take(group, on: connection, first: released, until: stop, tell)
            retries.succeeded()
            if !waits || held.isEmpty { return }
            tell(.waits)
            released = try await wait(for: held, on: connection)
        }
    }

    /// Tries the locks that look free, until there is no more room.
    ///
    /// One whose release was heard goes first: it woke nobody else.
    ///
    /// - Returns: Those that are held by others.
    private func take(
        _ group: Group, on connection: RedisConnection, first: Int?, until stop: StopSignal,
        _ tell: @Sendable (News) -> Void
    ) async throws -> [LockSnapshot] {
        let holder = state.holder
        var held: [LockSnapshot] = []
        var snapshots = try await look(at: group, on: connection)
        if let place = snapshots.firstIndex(where: { $0.index == first }) { snapshots.swapAt(0, place) }
        for snapshot in snapshots {
            guard !stop.isStopping, !Task.isCancelled, state.plan.room > 0 else { break }
            guard snapshot.isToBeHad(by: holder) else {
                held.append(snapshot)
                if !waits, let other = snapshot.holder { state.note(.passedOver(holder: other), at: snapshot.index) }
                continue
            }
            let acquisition = try await state.ifThereIsRoom {
                let acquisition = try await client.leases.acquire(locks[snapshot.index], as: holder)
                if case .acquired(let lease) = acquisition {
                    state.took(lease, at: snapshot.index)
                    tell(.taken(snapshot.index))
                }
                return acquisition
            }
            switch acquisition {
            case .acquired: continue
            // Somebody was quicker; when it runs out is seen at the next look.
            case .held(let other):
                held.append(LockSnapshot(index: snapshot.index, holder: other, life: 0))
                if !waits { state.note(.passedOver(holder: other), at: snapshot.index) }
            // The room is being taken up at this moment.
            case nil: held.append(LockSnapshot(index: snapshot.index, holder: nil, life: 0))
            }
        }
        return held
    }

    /// Looks at all locks of a group that are wanted, in one round trip.
    private func look(at group: Group, on connection: RedisConnection) async throws -> [LockSnapshot] {
        let wanted = state.plan.wanted.filter(group.indices.contains)
        guard !wanted.isEmpty else { return [] }
        var pipeline = RedisPipeline()
        for index in wanted {
            pipeline.append("GET", locks[index].key)
            pipeline.append("PTTL", locks[index].key)
        }
        let replies = try await connection.executeChecked(pipeline)
        return wanted.enumerated().map { place, index in
            LockSnapshot(index: index, holder: replies[2 * place].string, life: replies[2 * place + 1].integer ?? 0)
        }
    }

    /// Returns when one of the locks may be free: it was released, and is returned, or the time of its lease has passed.
    private func wait(for held: [LockSnapshot], on connection: RedisConnection) async throws -> Int? {
        let limit = LockSnapshot.waitingTime(held)
        var words: [any RedisArgument] = ["BRPOP"]
        words += held.map { locks[$0.index].notifyKey }
        words.append(Standby.seconds(limit))
        var pipeline = RedisPipeline()
        pipeline.append(words)
        let key = try await connection.executeChecked(pipeline, blocking: limit)[0].elements.first?.key
        return held.first { locks[$0.index].notifyKey == key }?.index
    }
}
