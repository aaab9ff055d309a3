import RedisClient

/// Goes for the locks that a fleet wants, with one connection for all that it waits for; in a cluster one for each slot.
struct LockSeeker: Sendable {
    let client: StreamClient
    let locks: [LockName]
    /// What CLIENT LIST shows for the waiting connection.
    let clientName: String
    let stop: StopSignal
    let state: FleetState
    /// Is told when there is nothing to do but to wait.
    let onWait: @Sendable () -> Void
    /// Whether to wait for locks that are held; otherwise they are passed over.
    let waits: Bool

    /// Takes what is free, or waits until something is; none where a stop came first, or all was passed over.
    ///
    /// - Returns: The places of the locks that were taken.
    /// - Throws: `RedisError`; what was taken by then is in the state.
    func seek() async throws -> [Int] {
        let groups = groups
        var taken: [Int] = []
        for group in groups {
            do {
                taken += try await client.pool.withConnection(for: group.key) { try await take(group, on: $0).taken }
            } catch {
                // What was taken is to be worked on; the next look meets the error again.
                if taken.isEmpty { throw error }
                break
            }
        }
        guard taken.isEmpty, waits, !stop.isStopping else { return taken }
        onWait()
        return try await withThrowingTaskGroup(of: [Int].self) { tasks in
            for group in groups { tasks.addTask { try await wait(for: group) } }
            var taken = try await tasks.next() ?? []
            tasks.cancelAll()
            // Another may have taken something at the same moment.
            while let more = await tasks.nextResult() { taken += (try? more.get()) ?? [] }
            return taken
        }
    }

    /// Locks that one command can name: all of them, and in a cluster those of one slot.
    private struct Group {
        /// One of their keys.
        let key: String
        let indices: Set<Int>
    }

    /// The groups of which something is wanted.
    private var groups: [Group] {
        let wanted = state.plan.wanted
        guard client.pool.cluster != nil else {
            return wanted.first.map { [Group(key: locks[$0].key, indices: Set(locks.indices))] } ?? []
        }
        return Dictionary(grouping: wanted) { ClusterSlot(of: locks[$0].key) }.values
            .sorted { $0[0] < $1[0] }
            .map { Group(key: locks[$0[0]].key, indices: Set($0)) }
    }

    /// Waits until something of a group is taken; none where a stop came first, or nothing of it is wanted any more.
    private func wait(for group: Group) async throws -> [Int] {
        try await client.pool.withOwnConnection(name: clientName, for: group.key) { connection in
            try await stop.wakeable(by: { connection.close() }) {
                do {
                    var released: Int?
                    while !stop.isStopping {
                        try Task.checkCancellation()
                        let (taken, held) = try await take(group, on: connection, first: released)
                        if !taken.isEmpty || held.isEmpty { return taken }
                        released = try await wait(for: held, on: connection)
                    }
                } catch let error as RedisError where stop.isStopping && !Task.isCancelled {
                    // The connection was closed for the stop.
                    _ = error
                }
                return []
            }
        }
    }

    /// Tries the locks that look free, until there is no more room.
    ///
    /// One whose release was heard goes first: it woke nobody else.
    private func take(
        _ group: Group, on connection: RedisConnection, first: Int? = nil
    ) async throws -> (taken: [Int], held: [LockSight]) {
        let holder = state.holder
        var taken: [Int] = []
        var held: [LockSight] = []
        var sights = try await look(at: group, on: connection)
        if let place = sights.firstIndex(where: { $0.index == first }) { sights.swapAt(0, place) }
        for sight in sights {
            guard !stop.isStopping, !Task.isCancelled, state.plan.room > 0 else { break }
            guard sight.isToBeHad(by: holder) else {
                held.append(sight)
                if !waits, let other = sight.holder { state.note(.passedOver(holder: other), at: sight.index) }
                continue
            }
            do {
                switch try await client.leases.acquire(locks[sight.index], as: holder) {
                case .acquired(let lease):
                    state.took(lease, at: sight.index)
                    taken.append(sight.index)
                case .held(let other):
                    // Somebody was quicker; when it runs out is seen at the next look.
                    held.append(LockSight(index: sight.index, holder: other, life: 0))
                    if !waits { state.note(.passedOver(holder: other), at: sight.index) }
                }
            } catch {
                // What was taken is to be worked on; the next look meets the error again.
                if taken.isEmpty { throw error }
                break
            }
        }
        return (taken, held)
    }

    /// Looks at all locks of a group that are wanted, in one round trip.
    private func look(at group: Group, on connection: RedisConnection) async throws -> [LockSight] {
        let wanted = state.plan.wanted.filter(group.indices.contains)
        guard !wanted.isEmpty else { return [] }
        var pipeline = RedisPipeline()
        for index in wanted {
            pipeline.append("GET", locks[index].key)
            pipeline.append("PTTL", locks[index].key)
        }
        let replies = try await connection.executeChecked(pipeline)
        return wanted.enumerated().map { place, index in
            LockSight(index: index, holder: replies[2 * place].string, life: replies[2 * place + 1].integer ?? 0)
        }
    }

    /// Returns when one of the locks may be free: it was released, and is returned, or the time of its lease has passed.
    private func wait(for held: [LockSight], on connection: RedisConnection) async throws -> Int? {
        let limit = LockSight.waitingTime(held)
        var words: [any RedisArgument] = ["BRPOP"]
        words += held.map { locks[$0.index].notifyKey }
        words.append(Standby.seconds(limit))
        var pipeline = RedisPipeline()
        pipeline.append(words)
        let key = try await connection.executeChecked(pipeline, blocking: limit)[0].elements.first?.string
        return held.first { locks[$0.index].notifyKey == key }?.index
    }
}
