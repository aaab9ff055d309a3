import Logging
import RedstreamConnection

/// The tasks of a running coordinator, by the numbers of their locks.
struct CoordinatedTasks {
    struct Member: Sendable {
        let task: LockedTask
        /// Ends the task of a stream that has disappeared; nil if the task was not found by a discovery.
        var stop: StopSignal?
    }

    private let plan: LockCoordinator
    private let table: LockTable
    private var members: [Int: Member] = [:]
    /// The numbers of the tasks that were found, by their stream.
    private var found: [ExactText: Int] = [:]
    /// The slots at which something may be wanted, and no search was begun since.
    private var unsearchedSlots: Set<Int> = []
    /// The share that was logged last.
    private var told: String?

    init(_ plan: LockCoordinator, _ table: LockTable) {
        self.plan = plan
        self.table = table
        for task in plan.tasks { _ = add(Member(task: task)) }
    }

    subscript(index: Int) -> Member? { members[index] }

    private mutating func add(_ member: Member) -> Int {
        let index = table.add(member.task.lock)
        members[index] = member
        search(at: table.slot(of: member.task.lock))
        return index
    }

    /// Notes that something may be wanted at a slot.
    mutating func search(at slot: Int) {
        unsearchedSlots.insert(slot)
    }

    /// Returns the slots at which something is wanted, each once.
    mutating func takeUnsearchedSlots() -> Set<Int> {
        defer { unsearchedSlots = [] }
        return table.plan { plan in unsearchedSlots.filter { plan.wants(at: $0) } }
    }

    /// Notes that a task has ended, and what becomes of its lock; a task whose stream has disappeared is forgotten.
    mutating func ended(_ index: Int, _ new: LockAssignment.State) {
        table.note(new, at: index)
        guard let member = members[index] else { return }
        if member.stop?.isStopping == true { return forget(index) }
        if new == .wanted { search(at: table.slot(of: member.task.lock)) }
    }

    /// Forgets a task, unless its lock is held: its end is noted later then.
    private mutating func forget(_ index: Int) {
        if table.remove(index) { members[index] = nil }
    }

    /// Takes the streams that there are now: those that appeared are wanted, those that are gone forgotten.
    ///
    /// - Returns: True if something is new.
    mutating func replace(by streams: [String]) -> Bool {
        guard let makeTask = plan.discovery?.makeTask else { return false }
        let names = Set(streams.map(ExactText.init))
        for (name, index) in found where !names.contains(name) {
            found[name] = nil
            members[index]?.stop?.stop()
            forget(index)
        }
        let new = streams.filter { found[ExactText($0)] == nil }
        for stream in new { found[ExactText(stream)] = add(Member(task: makeTask(stream), stop: StopSignal())) }
        return !new.isEmpty
    }

    /// Lets tasks that tell of their own locks say who holds them.
    func standsBy(_ held: [LockSnapshot]) {
        for lock in held {
            if let holder = lock.holder { members[lock.index]?.task.notices?.standsBy(heldBy: holder) }
        }
    }

    /// Logs the share when it changes; not at the start if this process holds every lock.
    ///
    /// Either all tasks of a coordinator tell of their own locks, or none.
    mutating func tellShare() {
        guard plan.discovery == nil, plan.tasks.first?.notices == nil else { return }
        let (share, holdsAll) = table.plan { ($0.shareText(standsBy: plan.standsBy), $0.holdsAll) }
        guard share != told else { return }
        defer { told = share }
        if told != nil || !holdsAll { plan.client.logger.notice("\(plan.title) holds \(share)") }
    }
}
