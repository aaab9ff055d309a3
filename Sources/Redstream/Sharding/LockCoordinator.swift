import Logging
import RedstreamConnection

/// Works under many locks at once, each on its own, as many as one process may hold.
///
/// Any number of processes may run the same coordinator. Each takes what is free, up to its bound, and waits for the rest on
/// one connection, whatever their number: a release by another process wakes one that has room.
struct LockCoordinator: Sendable {
    let client: StreamClient
    /// The name for the log: `consumer indexer of products`.
    let title: String
    /// The name that CLIENT LIST shows for the connection that waits.
    let clientName: String
    let works: [LockedTask]
    /// The most locks to hold at once; nil for all.
    let maximumActive: Int?
    /// True if it waits for locks that are held; otherwise they are passed over.
    var standsBy = true
    /// The time that the server may be away before its error is thrown; nil for ever.
    var retryLimit: Duration?
    /// True if no more locks are needed, such as when a common count is reached.
    var isDone: @Sendable () -> Bool = { false }

    private enum Event: Sendable {
        case news(LockAcquirer.News, slot: Int)
        /// A search has ended.
        case sought(slot: Int)
        /// A work has ended, and what becomes of its lock.
        case ended(Int, LockAssignment.State)
        case failed(any Error)
    }

    /// Works until a stop, or until all work is done.
    ///
    /// - Throws: What a work threw, with the others cancelled; ``RedstreamError/memberHeld(_:by:)`` where it does not stand
    ///   by and a lock was passed over, once the others are done.
    func run(until stop: StopSignal) async throws {
        for work in works { try client.requireOneSlot(of: work.stream) }
        let state = LockCoordinatorState(LockAssignment(count: works.count, maximumActive: maximumActive))
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

    private func run(_ state: LockCoordinatorState, until stop: StopSignal, seekingUntil enough: StopSignal)
        async throws
    {
        let acquirer = LockAcquirer(
            client: client, locks: works.map(\.lock), clientName: clientName, state: state, waits: standsBy,
            retryLimit: retryLimit)
        let (events, post) = AsyncStream<Event>.makeStream()
        var iterator = events.makeAsyncIterator()
        var search = AcquisitionProgress()
        var workCount = 0
        // What a process may not hold is not waited for, so that a release wakes one that has room.
        var whileThereIsRoom = StopSignal()
        try await withThrowingDiscardingTaskGroup { group in
            // No more than a warning: an error is met again by those who seek.
            group.addTask { try? await client.warnOfEviction() }
            while true {
                if !enough.isStopping, state.plan.room > 0 {
                    if whileThereIsRoom.isStopping { whileThereIsRoom = StopSignal() }
                    for locks in acquirer.groups where search.begins(at: locks.slot) {
                        let isRoom = whileThereIsRoom
                        group.addTask { await seek(locks, acquirer, until: enough, or: isRoom, post) }
                    }
                }
                guard workCount > 0 || search.isUnderWay else { break }
                guard let event = await iterator.next() else { throw CancellationError() }
                switch event {
                case .news(.taken(let index), let slot):
                    search.note(.isBusy, at: slot)
                    guard let lease = state.lease(at: index) else { continue }
                    workCount += 1
                    group.addTask { await work(index, under: lease, state, until: stop, post) }
                    if state.plan.room == 0 { whileThereIsRoom.stop() }
                case .news(.waits, let slot): search.note(.waits, at: slot)
                case .news(.isAway, let slot): search.note(.isAway, at: slot)
                case .sought(let slot): search.ended(at: slot)
                case .ended(let index, let new):
                    workCount -= 1
                    state.note(new, at: index)
                    if isDone() { enough.stop() }
                    continue
                case .failed(let error): throw error
                }
                if state.plan.wanted.isEmpty || search.isAtRest {
                    state.tell(title, on: client.logger, standsBy: standsBy)
                }
            }
            group.cancelAll()
        }
    }

    /// Goes for the locks of a slot, until either stop.
    private func seek(
        _ locks: LockAcquirer.Group, _ acquirer: LockAcquirer, until enough: StopSignal, or noRoom: StopSignal,
        _ post: AsyncStream<Event>.Continuation
    ) async {
        let stop = StopSignal()
        do {
            try await enough.wakeable(by: { stop.stop() }) {
                try await noRoom.wakeable(by: { stop.stop() }) {
                    try await acquirer.attend(locks, until: stop) { post.yield(.news($0, slot: locks.slot)) }
                }
            }
            post.yield(.sought(slot: locks.slot))
        } catch {
            post.yield(.failed(error))
        }
    }

    /// Works under one lock, and posts what becomes of it.
    private func work(
        _ index: Int, under lease: Lease, _ state: LockCoordinatorState, until stop: StopSignal,
        _ post: AsyncStream<Event>.Continuation
    ) async {
        do {
            post.yield(.ended(index, try await work(index, under: lease, state, stop: stop)))
        } catch {
            post.yield(.failed(error))
        }
    }

    /// Works under one lock; what becomes of it then.
    private func work(
        _ index: Int, under lease: Lease, _ state: LockCoordinatorState, stop: StopSignal
    ) async throws -> LockAssignment.State {
        let work = works[index]
        let retries = Retries(client, until: stop, for: retryLimit)
        defer { retries.end() }
        do {
            let isFinished = try await retries.connecting {
                try await client.leases.whileHeld(lease) { lease in try await work.serve(lease, stop, retries) }
            }
            return isFinished ? .finished : .wanted
        } catch RedstreamError.leaseLost {
            client.logger.warning("\(work.title) lost its lock; standing by")
            state.renewHolder()
            return .wanted
        } catch let error as ClosureError {
            try await work.waitForHandler(error, stop)
            return .wanted
        }
    }
}
