import RedstreamConnection

/// The search for the locks that a coordinator wants, with one connection for all that it waits for; in a cluster one for
/// each slot, so that a node which is away keeps nobody from the locks of the others.
struct LockAcquirer: Sendable {
    /// Locks that one command can name: all of them, and in a cluster those of one slot.
    struct Group: Sendable {
        /// Their slot's number; 0 where there is no cluster.
        let slot: Int
        /// One of their keys.
        let key: RedisKey
        /// The indices of their tasks; nil for every task.
        let indices: Set<Int>?
    }

    /// The news of a search.
    enum News: Sendable {
        /// A lock was taken; its lease is in the state.
        case taken(Int)
        /// All wanted locks are held by other processes; it waits for these.
        case waits([LockSnapshot])
        /// The node does not answer.
        case isAway
    }

    let client: StreamClient
    /// The name that CLIENT LIST shows for the waiting connection.
    let clientName: String
    let state: LockCoordinatorState
    /// True if it waits for locks that are held; otherwise they are passed over.
    let waits: Bool

    /// The groups of which something is wanted.
    var groups: [Group] {
        let (wanted, tasks) = (state.plan.wanted, state.tasks)
        guard client.pool.cluster != nil else {
            return wanted.first.map { [Group(slot: 0, key: tasks[$0].lock.key, indices: nil)] } ?? []
        }
        return Dictionary(grouping: wanted) { ClusterSlot(of: tasks[$0].lock.key).number }
            .map { Group(slot: $0, key: tasks[$1[0]].lock.key, indices: Set($1)) }
    }

    /// Takes what comes free of a group, until nothing of it is wanted any more, or a stop.
    ///
    /// With `waits` off, what is held is passed over.
    ///
    /// - Parameters:
    ///   - group: The locks.
    ///   - stop: Ends the search.
    ///   - retries: Counts the steps as tried and succeeded.
    ///   - tell: Is called with each news.
    /// - Throws: `RedisError`; what was taken by then is in the state.
    func attend(
        _ group: Group, until stop: StopSignal, _ retries: Retries? = nil, _ tell: @Sendable (News) -> Void
    ) async throws {
        guard !stop.isStopping else { return }
        do {
            retries?.tries(.lock)
            // A lock by itself is free as a rule: that is seen by taking it, without a connection to wait on.
            let wanted = wanted(of: group)
            if wanted.count == 1 {
                let free = wanted.map { LockSnapshot(index: $0, holder: nil, life: 0) }
                let held = try await take(free, until: stop, tell)
                retries?.succeeded([.lock, .standby])
                if !waits || held.isEmpty { return }
                retries?.tries(.standby)
            }
            try await client.pool.withOwnConnection(name: clientName, for: group.key) { connection in
                try await stop.wakeable(by: { connection.close() }) {
                    try await attend(group, on: connection, until: stop, retries, tell)
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
        _ group: Group, on connection: RedisConnection, until stop: StopSignal, _ retries: Retries?,
        _ tell: @Sendable (News) -> Void
    ) async throws {
        var released: Int?
        while !stop.isStopping {
            try Task.checkCancellation()
            var snapshots = try await look(at: group, on: connection)
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

    private func wanted(of group: Group) -> [Int] {
        state.plan.wanted.filter { group.indices?.contains($0) ?? true }
    }

    /// Tries the locks that look free, until there is no more room.
    ///
    /// - Returns: Those that are held by others.
    private func take(
        _ snapshots: [LockSnapshot], until stop: StopSignal, _ tell: @Sendable (News) -> Void
    ) async throws -> [LockSnapshot] {
        let tasks = state.tasks
        var held: [LockSnapshot] = []
        for snapshot in snapshots {
            try Task.checkCancellation()
            guard !stop.isStopping, state.plan.room > 0 else { break }
            let lock = tasks[snapshot.index].lock
            if let other = snapshot.holder, !client.leases.mayTake(lock, heldBy: other) {
                held.append(snapshot)
                if !waits { state.note(.passedOver(holder: other), at: snapshot.index) }
                continue
            }
            let acquisition = try await state.ifThereIsRoom {
                let acquisition = try await client.leases.acquire(lock)
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
            case nil:
                held.append(LockSnapshot(index: snapshot.index, holder: nil, life: 0))
                if !waits { try await stop.sleep(for: .milliseconds(10)) }
            }
        }
        return held
    }

    /// Looks at all locks of a group that are wanted, in one round trip.
    private func look(at group: Group, on connection: RedisConnection) async throws -> [LockSnapshot] {
        let wanted = wanted(of: group)
        guard !wanted.isEmpty else { return [] }
        let tasks = state.tasks
        var pipeline = RedisPipeline()
        for index in wanted {
            pipeline.append("GET", tasks[index].lock.key)
            pipeline.append("PTTL", tasks[index].lock.key)
        }
        let replies = try await connection.executeChecked(pipeline)
        return wanted.enumerated().map { place, index in
            LockSnapshot(index: index, holder: replies[2 * place].string, life: replies[2 * place + 1].integer ?? 0)
        }
    }

    /// Returns when one of the locks may be free: it was released, and is returned, or the time of its lease has passed.
    private func wait(for held: [LockSnapshot], on connection: RedisConnection) async throws -> Int? {
        let (limit, tasks) = (LockSnapshot.waitingTime(held), state.tasks)
        var words: [any RedisArgument] = ["BRPOP"]
        words += held.map { tasks[$0.index].lock.notifyKey }
        words.append(Self.seconds(limit))
        var pipeline = RedisPipeline()
        pipeline.append(words)
        let key = try await connection.executeChecked(pipeline, blocking: limit)[0].elements.first?.key
        return held.first { tasks[$0.index].lock.notifyKey == key }?.index
    }

    /// Returns a timeout as BRPOP takes it: seconds, with three decimals.
    static func seconds(_ duration: Duration) -> String {
        let milliseconds = duration.milliseconds
        let fraction = String(milliseconds % 1000)
        return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}
