import RedisClient
import Synchronization

/// Goes for the locks that a fleet wants, with one connection for all that it waits for; in a cluster one for each slot,
/// so that a node which is away keeps nobody from the locks of the others.
final class LockSeeker: Sendable {
    private let client: StreamClient
    private let locks: [LockName]
    /// What CLIENT LIST shows for the waiting connection.
    private let clientName: String
    private let stop: StopSignal
    private let state: FleetState
    /// Whether to wait for locks that are held; otherwise they are passed over.
    private let waits: Bool
    private let retryLimit: Duration?
    /// The failures at each slot, which outlast a search.
    private let retryings = Mutex<[Int: Retrying]>([:])

    /// Creates the search of one fleet.
    ///
    /// - Parameters:
    ///   - client: Where the locks are.
    ///   - locks: All of them.
    ///   - clientName: What CLIENT LIST shows for the waiting connection.
    ///   - stop: Ends a search.
    ///   - state: What is wanted, and what was taken.
    ///   - waits: Whether to wait for locks that are held; otherwise they are passed over.
    ///   - retryLimit: How long the server of a lock may be away before its error is thrown; nil for ever.
    init(
        _ client: StreamClient, locks: [LockName], clientName: String, stop: StopSignal, state: FleetState, waits: Bool,
        retryLimit: Duration?
    ) {
        self.client = client
        self.locks = locks
        self.clientName = clientName
        self.stop = stop
        self.state = state
        self.waits = waits
        self.retryLimit = retryLimit
    }

    /// Takes what is free, or waits until something is; none where a stop came first, or all was passed over.
    ///
    /// - Parameter onWait: Is told when there is nothing to do but to wait.
    /// - Returns: The places of the locks that were taken.
    /// - Throws: `RedisError`; what was taken by then is in the state.
    func seek(onWait: () -> Void) async throws -> [Int] {
        let groups = groups
        let (taken, hasAnswer) = try await glance(at: groups)
        guard taken.isEmpty, waits, !stop.isStopping else { return taken }
        if hasAnswer { onWait() }
        return try await withThrowingTaskGroup(of: [Int].self) { tasks in
            for group in groups { tasks.addTask { try await self.attend(group) } }
            var taken = try await tasks.next() ?? []
            tasks.cancelAll()
            // Another may have taken something at the same moment.
            while let more = await tasks.nextResult() { taken += (try? more.get()) ?? [] }
            return taken
        }
    }

    /// Takes what is free now, and tells whether any node has answered.
    private func glance(at groups: [Group]) async throws -> (taken: [Int], hasAnswer: Bool) {
        try await withThrowingTaskGroup(of: [Int]?.self) { tasks in
            // A node that was away is left to those who wait for it.
            for group in groups where !waits || !retrying(at: group).isFailing {
                tasks.addTask { try await self.glance(at: group) }
            }
            return try await tasks.reduce(into: (taken: [], hasAnswer: false)) { sum, taken in
                guard let taken else { return }
                sum.taken += taken
                sum.hasAnswer = true
            }
        }
    }

    /// Takes what is free of a group; nil where its node does not answer, which whoever waits for it finds out too.
    private func glance(at group: Group) async throws -> [Int]? {
        do {
            let taken = try await client.pool.withConnection(for: group.key) { try await take(group, on: $0).taken }
            retrying(at: group).succeeded()
            return taken
        } catch let error as RedisError where error.retryAdvice != .fail {
            if !waits { try await retrying(at: group).failed(error) }
            return nil
        }
    }

    /// Waits until something of a group is taken, whatever becomes of its node meanwhile.
    private func attend(_ group: Group) async throws -> [Int] {
        let retrying = retrying(at: group)
        while !stop.isStopping {
            do {
                return try await wait(for: group, retrying)
            } catch {
                try await retrying.failed(error)
            }
        }
        return []
    }

    /// What became of the tries at a group's slot.
    private func retrying(at group: Group) -> Retrying {
        retryings.withLock { retryings in
            if let known = retryings[group.slot] { return known }
            let new = Retrying(client, stop: stop, limit: retryLimit)
            retryings[group.slot] = new
            return new
        }
    }

    /// Locks that one command can name: all of them, and in a cluster those of one slot.
    private struct Group {
        /// One of their keys.
        let key: String
        /// Their slot's number; 0 where there is no cluster.
        let slot: Int
        let indices: Set<Int>
    }

    /// The groups of which something is wanted.
    private var groups: [Group] {
        let wanted = state.plan.wanted
        guard client.pool.cluster != nil else {
            return wanted.first.map { [Group(key: locks[$0].key, slot: 0, indices: Set(locks.indices))] } ?? []
        }
        return Dictionary(grouping: wanted) { ClusterSlot(of: locks[$0].key) }
            .map { Group(key: locks[$1[0]].key, slot: $0.number, indices: Set($1)) }
    }

    /// Waits until something of a group is taken; none where a stop came first, or nothing of it is wanted any more.
    private func wait(for group: Group, _ retrying: Retrying) async throws -> [Int] {
        try await client.pool.withOwnConnection(name: clientName, for: group.key) { connection in
            try await stop.wakeable(by: { connection.close() }) {
                do {
                    var released: Int?
                    while !stop.isStopping {
                        try Task.checkCancellation()
                        let (taken, held) = try await take(group, on: connection, first: released)
                        retrying.succeeded()
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
                let other = try await state.ifThereIsRoom { () -> String? in
                    switch try await client.leases.acquire(locks[sight.index], as: holder) {
                    case .acquired(let lease):
                        state.took(lease, at: sight.index)
                        taken.append(sight.index)
                        return nil
                    case .held(let other): return other
                    }
                }
                // Somebody was quicker; when it runs out is seen at the next look.
                if let other = other ?? nil {
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
