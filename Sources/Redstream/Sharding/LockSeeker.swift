import RedisClient

/// Goes for the locks that a fleet wants, with one connection for all that it waits for.
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
        let first = try await client.pool.withConnection { try await take(on: $0) }
        guard first.taken.isEmpty, waits, !stop.isStopping else { return first.taken }
        onWait()
        return try await client.pool.withOwnConnection(name: clientName) { connection in
            try await stop.wakeable(by: { connection.close() }) {
                do {
                    var released: Int?
                    while !stop.isStopping {
                        try Task.checkCancellation()
                        let (taken, held) = try await take(on: connection, first: released)
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
        on connection: RedisConnection, first: Int? = nil
    ) async throws -> (taken: [Int], held: [LockSight]) {
        let holder = state.holder
        var taken: [Int] = []
        var held: [LockSight] = []
        var sights = try await look(on: connection)
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

    /// Looks at all locks that are wanted, in one round trip.
    private func look(on connection: RedisConnection) async throws -> [LockSight] {
        let wanted = state.plan.wanted
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
