import RedstreamConnection

/// The search for the locks that a coordinator wants, with one connection for all that it waits for; in a cluster one for
/// each slot, so that a node which is away keeps nobody from the locks of the others.
struct LockAcquirer: Sendable {
    /// The news of a search.
    enum News: Sendable {
        /// A lock was taken; its lease is in the table.
        case taken(Int)
        /// All wanted locks are held by other processes; it waits for these.
        case waits([LockSnapshot])
        /// The node does not answer.
        case isAway
    }

    let client: StreamClient
    /// The name that CLIENT LIST shows for the waiting connection.
    let clientName: String
    let table: LockTable
    /// True if it waits for locks that are held; otherwise they are passed over.
    let waits: Bool

    /// Takes what comes free at a slot, until nothing of it is wanted any more, or a stop.
    ///
    /// With `waits` off, what is held is passed over.
    ///
    /// - Parameters:
    ///   - slot: The slot of the locks; 0 where there is no cluster.
    ///   - stop: Ends the search.
    ///   - retries: Counts the steps as tried and succeeded.
    ///   - tell: Is called with each news.
    /// - Throws: `RedisError`; what was taken by then is in the table.
    func attend(
        at slot: Int, until stop: StopSignal, _ retries: Retries? = nil, _ tell: @Sendable (News) -> Void
    ) async throws {
        let wanted = table.wanted(at: slot)
        guard !stop.isStopping, let first = wanted.first else { return }
        do {
            retries?.tries(.lock)
            // A lock by itself is free as a rule: that is seen by taking it, without a connection to wait on.
            if wanted.count == 1 {
                let free = LockSnapshot(index: first.index, lock: first.lock, holder: nil, life: 0)
                let held = try await take([free], until: stop, tell)
                retries?.succeeded([.lock, .standby])
                if !waits || held.isEmpty { return }
                retries?.tries(.standby)
            }
            try await client.pool.withOwnConnection(name: clientName, for: first.lock.key) { connection in
                try await stop.wakeable(by: { connection.close() }) {
                    try await attend(at: slot, on: connection, until: stop, retries, tell)
                }
            }
        } catch is RedisError where stop.isStopping && !Task.isCancelled {
            // The connection was closed for the stop.
        } catch let error as RedisError {
            tell(.isAway)
            throw error
        }
    }

    private func attend(
        at slot: Int, on connection: RedisConnection, until stop: StopSignal, _ retries: Retries?,
        _ tell: @Sendable (News) -> Void
    ) async throws {
        var released: Int?
        while !stop.isStopping {
            try Task.checkCancellation()
            var snapshots = try await look(at: slot, on: connection)
            // One whose release was heard goes first: it woke nobody else.
            if let place = snapshots.firstIndex(where: { $0.index == released }) { snapshots.swapAt(0, place) }
            retries?.tries(.lock)
            let held = try await take(snapshots, until: stop, tell)
            retries?.succeeded([.lock, .standby])
            if !waits || held.isEmpty { return }
            // Other processes do the work; waiting for their locks counts as success.
            retries?.succeeded()
            retries?.tries(.standby)
            tell(.waits(held))
            released = try await wait(for: held, on: connection)
        }
    }

    /// Tries the locks that look free, until there is no more room.
    ///
    /// - Returns: Those that are held by others.
    private func take(
        _ snapshots: [LockSnapshot], until stop: StopSignal, _ tell: @Sendable (News) -> Void
    ) async throws -> [LockSnapshot] {
        var held: [LockSnapshot] = []
        for snapshot in snapshots {
            try Task.checkCancellation()
            guard !stop.isStopping, table.plan(\.room) > 0 else { break }
            if let other = snapshot.holder, !client.leases.mayTake(snapshot.lock, heldBy: other) {
                held.append(snapshot)
                if !waits { table.note(.passedOver(holder: other), at: snapshot.index) }
                continue
            }
            let acquisition = try await table.ifThereIsRoom {
                let acquisition = try await client.leases.acquire(snapshot.lock)
                if case .acquired(let lease) = acquisition {
                    if table.took(lease, at: snapshot.index) {
                        tell(.taken(snapshot.index))
                    } else {
                        await client.leases.release(lease)
                    }
                }
                return acquisition
            }
            switch acquisition {
            case .acquired: continue
            // Somebody was quicker; when it runs out is seen at the next look.
            case .held(let other):
                held.append(LockSnapshot(index: snapshot.index, lock: snapshot.lock, holder: other, life: 0))
                if !waits { table.note(.passedOver(holder: other), at: snapshot.index) }
            // The room is being taken up at this moment.
            case nil:
                held.append(LockSnapshot(index: snapshot.index, lock: snapshot.lock, holder: nil, life: 0))
                if !waits { try await stop.sleep(for: .milliseconds(10)) }
            }
        }
        return held
    }

    /// Looks at all locks of a slot that are wanted, in one round trip.
    private func look(at slot: Int, on connection: RedisConnection) async throws -> [LockSnapshot] {
        let wanted = table.wanted(at: slot)
        guard !wanted.isEmpty else { return [] }
        var pipeline = RedisPipeline()
        for (_, lock) in wanted {
            pipeline.append("GET", lock.key)
            pipeline.append("PTTL", lock.key)
        }
        let replies = try await connection.executeChecked(pipeline)
        return wanted.enumerated().map { place, wanted in
            LockSnapshot(
                index: wanted.index, lock: wanted.lock, holder: replies[2 * place].string,
                life: replies[2 * place + 1].integer ?? 0)
        }
    }

    /// Returns when one of the locks may be free: it was released, and is returned, or the time of its lease has passed.
    private func wait(for held: [LockSnapshot], on connection: RedisConnection) async throws -> Int? {
        let limit = LockSnapshot.waitingTime(lives: held.map(\.life))
        var words: [any RedisArgument] = ["BRPOP"]
        words += held.map(\.lock.notifyKey)
        words.append(Self.seconds(limit))
        var pipeline = RedisPipeline()
        pipeline.append(words)
        let key = try await connection.executeChecked(pipeline, blocking: limit)[0].elements.first?.key
        return held.first { $0.lock.notifyKey == key }?.index
    }

    /// Returns a timeout as BRPOP takes it: seconds, with three decimals.
    static func seconds(_ duration: Duration) -> String {
        let milliseconds = duration.milliseconds
        let fraction = String(milliseconds % 1000)
        return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}
