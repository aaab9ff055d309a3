import Logging
import RedstreamConnection

/// The coordinator of work under locks, as many as one process may hold: one for a consumer, many for a sharded one.
///
/// Any number of processes may run the same coordinator. Each takes what is free, up to its bound, and waits for the rest
/// on one connection, whatever their number: a release by another process wakes one that has room.
struct LockCoordinator: Sendable {
    /// The search for work of which the set changes, such as all streams of a namespace.
    struct Discovery: Sendable {
        let interval: Duration
        /// Finds the streams that there are now.
        let streams: @Sendable () async throws -> [String]
        let makeTask: @Sendable (_ stream: String) -> LockedTask
    }

    let client: StreamClient
    /// The name for the log: `consumer indexer of products`.
    let title: String
    /// The name that CLIENT LIST shows for the connection that waits.
    let clientName: String
    var tasks: [LockedTask] = []
    /// Finds more tasks, and the end of some; nil if there are only those.
    var discovery: Discovery?
    /// The most locks to hold at once; nil for all.
    var maximumActive: Int?
    /// True if it waits for locks that are held; otherwise they are passed over.
    var standsBy = true
    /// The time that the server may be away before its error is thrown; nil for ever.
    var retryLimit: Duration?
    /// True if no more locks are needed, such as when a common count is reached.
    var isDone: @Sendable () -> Bool = { false }

    /// Works until a stop, or until all work is done.
    ///
    /// - Throws: What a task threw, with the others cancelled; where it does not stand by and a lock was passed over, once
    ///   the others are done, ``RedstreamError/lockHeld(by:)`` for the one lock that there is, otherwise
    ///   ``RedstreamError/memberHeld(_:by:)``.
    func run(until stop: StopSignal) async throws {
        for task in tasks { try client.requireOneSlot(of: task.stream) }
        let table = LockTable(of: client, maximumActive: maximumActive)
        // Looking for more ends with the work, or when a common count is reached; what is in hand goes on then.
        let enough = StopSignal()
        do {
            try await stop.wakeable(by: { enough.stop() }) {
                try await LockCoordination(self, table, until: stop, acquiringUntil: enough).run()
            }
        } catch {
            // A lock that was taken, and whose work never began.
            for lease in table.leases { await client.leases.release(lease) }
            throw error
        }
    }
}

/// One run of a coordinator.
private struct LockCoordination: Sendable {
    private enum Event: Sendable {
        case news(LockAcquirer.News, slot: Int)
        /// A search has ended.
        case acquired(slot: Int)
        /// A task has ended, and what becomes of its lock.
        case ended(Int, LockAssignment.State)
        case found([String])
        case failed(any Error)
    }

    private let plan: LockCoordinator
    private let table: LockTable
    private let stop: StopSignal
    private let enough: StopSignal
    private let acquirer: LockAcquirer
    private let events: AsyncStream<Event>
    private let post: AsyncStream<Event>.Continuation
    /// The tries of a coordinator of one lock: taking it and working under it have one outage.
    private let retries: Retries?
    private var client: StreamClient { plan.client }

    init(
        _ plan: LockCoordinator, _ table: LockTable, until stop: StopSignal, acquiringUntil enough: StopSignal
    ) {
        self.plan = plan
        self.table = table
        self.stop = stop
        self.enough = enough
        acquirer = LockAcquirer(client: plan.client, clientName: plan.clientName, table: table, waits: plan.standsBy)
        (events, post) = AsyncStream<Event>.makeStream()
        let isSingle = plan.tasks.count == 1 && plan.discovery == nil
        retries = isSingle ? Retries(plan.client, until: stop, for: plan.retryLimit) : nil
    }

    func run() async throws {
        defer { retries?.end() }
        var iterator = events.makeAsyncIterator()
        var tasks = CoordinatedTasks(plan, table)
        var progress = AcquisitionProgress()
        var activeCount = 0
        // What a process may not hold is not waited for, so that a release wakes one that has room.
        var whileThereIsRoom = StopSignal()
        try await withThrowingDiscardingTaskGroup { group in
            // No more than a warning: an error is met again by those who take locks.
            group.addTask { try? await client.warnOfEviction() }
            if plan.discovery != nil { group.addTask { await discover() } }
            while true {
                if !enough.isStopping, table.plan(\.room) > 0 {
                    if whileThereIsRoom.isStopping { whileThereIsRoom = StopSignal() }
                    for slot in tasks.takeUnsearchedSlots() where progress.begins(at: slot) {
                        let isRoom = whileThereIsRoom
                        group.addTask { await acquire(at: slot, orUntil: isRoom) }
                    }
                }
                let mayFindMore = plan.discovery != nil && !stop.isStopping
                guard activeCount > 0 || progress.isUnderWay || mayFindMore else { break }
                guard let event = await iterator.next() else { throw CancellationError() }
                switch event {
                case .news(.taken(let index), let slot):
                    progress.note(.isBusy, at: slot)
                    guard let lease = table.lease(at: index), let member = tasks[index] else { continue }
                    activeCount += 1
                    group.addTask { await work(index, member, under: lease) }
                    if table.plan(\.room) == 0 { whileThereIsRoom.stop() }
                case .news(.waits(let held), let slot):
                    progress.note(.waits, at: slot)
                    tasks.standsBy(held)
                case .news(.isAway, let slot): progress.note(.isAway, at: slot)
                case .acquired(let slot):
                    progress.ended(at: slot)
                    tasks.search(at: slot)
                case .ended(let index, let new):
                    activeCount -= 1
                    tasks.ended(index, new)
                    if plan.isDone() { enough.stop() }
                    continue
                case .found(let streams):
                    // A search waits for the locks that it knows of: another one has to look at the new.
                    if tasks.replace(by: streams) { whileThereIsRoom.stop() }
                    continue
                case .failed(let error): throw error
                }
                if table.plan(\.wantsNothing) || progress.isAtRest { tasks.tellShare() }
            }
            group.cancelAll()
        }
        if !stop.isStopping, let (index, holder) = table.plan(\.firstPassedOver), let task = tasks[index]?.task {
            throw task.notices == nil
                ? RedstreamError.memberHeld(task.title, by: holder) : RedstreamError.lockHeld(by: holder)
        }
    }

    /// Finds work until a stop.
    private func discover() async {
        guard let discovery = plan.discovery else { return }
        do {
            try await client.repeating(every: discovery.interval, until: stop) {
                let streams = try await discovery.streams()
                for stream in streams { try client.requireOneSlot(of: stream) }
                post.yield(.found(streams))
            }
            post.yield(.found([]))
        } catch {
            post.yield(.failed(error))
        }
    }

    /// Goes for the locks of a slot, until there is enough of them, or no room.
    private func acquire(at slot: Int, orUntil noRoom: StopSignal) async {
        do {
            try await enough.orStop(noRoom) { stop in
                try await withRetries(until: stop) { retries in
                    try await retries.run {
                        try await acquirer.attend(at: slot, until: stop, retries) {
                            post.yield(.news($0, slot: slot))
                        }
                    }
                }
            }
            post.yield(.acquired(slot: slot))
        } catch {
            post.yield(.failed(error))
        }
    }

    /// Works under one lock, and posts what becomes of it.
    private func work(_ index: Int, _ member: CoordinatedTasks.Member, under lease: Lease) async {
        do {
            let new =
                if let own = member.stop {
                    try await stop.orStop(own) { try await outcome(of: member.task, under: lease, until: $0) }
                } else {
                    try await outcome(of: member.task, under: lease, until: stop)
                }
            post.yield(.ended(index, new))
        } catch {
            post.yield(.failed(error))
        }
    }

    /// Works under one lock, and returns what becomes of it.
    private func outcome(
        of task: LockedTask, under lease: Lease, until stop: StopSignal
    ) async throws -> LockAssignment.State {
        do {
            let isFinished = try await withRetries(until: stop) { retries in
                try await retries.connecting {
                    try await client.whileHeld([lease]) { try await task.serve(lease, stop, retries) }
                }
            }
            return isFinished ? .finished : .wanted
        } catch RedstreamError.leaseLost {
            (task.notices ?? StandbyNotices(task.title, on: client.logger)).lost()
            return .wanted
        } catch let error as ClosureError {
            try await task.waitForHandler(error, stop)
            return .wanted
        }
    }

    /// Runs a closure with the tries of the coordinator, or with its own if there are several locks.
    private func withRetries<Value>(
        until stop: StopSignal, _ body: (Retries) async throws -> Value
    ) async throws -> Value {
        if let retries { return try await body(retries) }
        let own = Retries(client, until: stop, for: plan.retryLimit)
        defer { own.end() }
        return try await body(own)
    }
}
