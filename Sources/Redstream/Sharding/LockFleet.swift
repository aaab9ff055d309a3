import Logging

/// Works under many locks at once, each on its own, as many as one process may hold.
///
/// Any number of processes may run the same fleet. Each takes what is free, up to its bound, and waits for the rest on
/// one connection, whatever their number: a release by another process wakes one that has room.
struct LockFleet: Sendable {
    let client: StreamClient
    /// Who it is, as the log says it: `consumer indexer of products`.
    let title: String
    /// What CLIENT LIST shows for the connection that waits.
    let clientName: String
    let works: [LockedWork]
    /// The most locks to hold at once; nil for all.
    let maximumActive: Int?
    /// Whether to wait for locks that are held; otherwise they are passed over.
    var standsBy = true
    /// How long the server may be away before its error is thrown; nil for ever.
    var retryLimit: Duration?
    /// Whether no more locks are needed, such as when a common count is reached.
    var isDone: @Sendable () -> Bool = { false }

    private enum Event: Sendable {
        case sought([Int])
        case ended(Int, FleetPlan.State)
    }

    /// Works until a stop, or until all work is done.
    ///
    /// - Throws: What a work threw, with the others cancelled; ``RedstreamError/memberHeld(_:by:)`` where it does not stand
    ///   by and a lock was passed over, once the others are done.
    func run(until stop: StopSignal) async throws {
        for work in works { try client.requireOneSlot(of: work.stream) }
        let state = FleetState(FleetPlan(count: works.count, maximumActive: maximumActive))
        // Looking for more ends with the work, or when a common count is reached; what is in hand goes on then.
        let enough = StopSignal()
        do {
            try await stop.wakeable(by: { enough.stop() }) { try await run(state, until: stop, seekingUntil: enough) }
        } catch {
            // A lock that was taken, and whose work never began.
            for lease in state.leases { await client.leases.release(lease) }
            throw error
        }
        if !stop.isStopping, let (index, holder) = state.plan.firstPassedOver {
            throw RedstreamError.memberHeld(works[index].title, by: holder)
        }
    }

    private func run(_ state: FleetState, until stop: StopSignal, seekingUntil enough: StopSignal) async throws {
        let seeker = LockSeeker(
            client, locks: works.map(\.lock), clientName: clientName, stop: enough, state: state, waits: standsBy,
            retryLimit: retryLimit)
        let warning = Retrying(client, stop: enough, limit: retryLimit)
        try await withThrowingTaskGroup(of: Event.self) { group in
            var isSeeking = false
            while true {
                if !isSeeking, !enough.isStopping, !state.plan.wanted.isEmpty {
                    isSeeking = true
                    group.addTask { .sought(try await seek(seeker, state, warning)) }
                }
                guard let event = try await group.next() else { return }
                switch event {
                case .sought(let taken):
                    isSeeking = false
                    for index in taken {
                        guard let lease = state.lease(at: index) else { continue }
                        group.addTask { .ended(index, try await work(index, under: lease, state, stop: stop)) }
                    }
                    if state.plan.wanted.isEmpty { state.tell(title, on: client.logger, standsBy: standsBy) }
                case .ended(let index, let new):
                    state.note(new, at: index)
                    if isDone() { enough.stop() }
                }
            }
        }
    }

    /// Goes for locks.
    private func seek(_ seeker: LockSeeker, _ state: FleetState, _ warning: Retrying) async throws -> [Int] {
        do {
            try await client.warnOfEviction()
            warning.succeeded()
        } catch {
            try await warning.failed(error)
            return []
        }
        return try await seeker.seek { state.tell(title, on: client.logger, standsBy: standsBy) }
    }

    /// Works under one lock; what becomes of it then.
    private func work(
        _ index: Int, under lease: Lease, _ state: FleetState, stop: StopSignal
    ) async throws -> FleetPlan.State {
        let work = works[index]
        let retrying = Retrying(client, stop: stop, limit: retryLimit)
        do {
            let isFinished = try await client.leases.whileHeld(lease) { lease in
                try await work.serve(lease, stop, retrying)
            }
            return isFinished ? .finished : .wanted
        } catch RedstreamError.leaseLost {
            client.logger.warning("\(work.title) lost its lock; standing by")
            state.renewHolder()
            return .wanted
        } catch {
            try await retrying.failed(error)
            return .wanted
        }
    }
}
