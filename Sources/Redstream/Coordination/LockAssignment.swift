/// The choice of the locks that a process holds and those that it should go for: a decision on plain values.
///
/// It goes for every lock until it holds as many as it may. What it may not hold is left alone, and not even waited
/// for, so that a release wakes a process that has room.
struct LockAssignment: Equatable {
    enum State: Equatable {
        /// Not held by this process yet; taken when it is free and there is room.
        case wanted
        /// Held by this process.
        case held
        /// Its work is done for good.
        case finished
        /// Held by another process, and not waited for.
        case passedOver(holder: String)
    }

    private(set) var states: [State]
    /// The most locks to hold at once; nil for all.
    private let maximumActive: Int?

    /// Wants everything.
    init(count: Int, maximumActive: Int?) {
        states = Array(repeating: .wanted, count: count)
        self.maximumActive = maximumActive
    }

    /// Wants another lock.
    mutating func add() {
        states.append(.wanted)
    }

    /// The number of locks that are held.
    var heldCount: Int { states.count { $0 == .held } }
    /// The number of locks that may be taken yet.
    var room: Int { max((maximumActive.map { max($0, 1) } ?? states.count) - heldCount, 0) }
    /// The locks to go for now: none where there is no room.
    var wanted: [Int] { room == 0 ? [] : states.indices.filter { states[$0] == .wanted } }
    /// The first lock that was passed over, and who holds it; nil where none was.
    var firstPassedOver: (index: Int, holder: String)? {
        for (index, state) in states.enumerated() {
            if case .passedOver(let holder) = state { return (index, holder) }
        }
        return nil
    }

    /// Notes what became of a lock.
    mutating func note(_ state: State, at index: Int) {
        states[index] = state
    }

    /// Returns the share in words: `8 of 16 shards, as many as it may`.
    ///
    /// - Parameter standsBy: True if it waits for locks that are held.
    /// - Returns: A clause without a verb.
    func shareText(standsBy: Bool = true) -> String {
        let share = "\(heldCount.grouped) of \(states.count.counted("shard", "shards"))"
        if heldCount == states.count { return share }
        if room == 0 { return share + ", as many as it may" }
        return share + (standsBy ? ", and stands by for the others" : ", and passes over the others")
    }
}

/// The state of a wanted lock, as a look has shown it.
struct LockSnapshot: Equatable {
    /// Its place among the locks.
    let index: Int
    /// The holder; nil where nobody has the lock.
    let holder: String?
    /// The time that its key lives, in milliseconds, as PTTL tells.
    let life: Int

    /// Returns the time to wait for a release of any: until the first of them would run out.
    ///
    /// An expiring lock wakes nobody, hence its remaining life, by PTTL: -2 it is gone, -1 it lives for ever, which only a
    /// stranger's lock does. BRPOP would take 0 for "for ever".
    static func waitingTime(_ snapshots: [LockSnapshot]) -> Duration {
        snapshots.map { $0.life == -1 ? LeaseRenewer.leaseTime : .milliseconds(max($0.life, 10)) }.min()
            ?? LeaseRenewer.leaseTime
    }
}

/// The slots at which a coordinator goes for locks, and its progress there: a decision on plain values.
struct AcquisitionProgress: Equatable {
    enum Progress: Equatable {
        /// It looks, or has just taken something.
        case isBusy
        /// There is nothing to be had at the moment.
        case waits
        /// The node does not answer.
        case isAway
    }

    private var slots: [Int: Progress] = [:]

    /// True if it tries to take a lock.
    var isUnderWay: Bool { !slots.isEmpty }

    /// True if all free locks were taken: it waits, except for nodes that are away.
    var isAtRest: Bool { slots.values.contains(.waits) && !slots.values.contains(.isBusy) }

    /// Notes that a search begins; false where one is under way at that slot.
    mutating func begins(at slot: Int) -> Bool {
        guard slots[slot] == nil else { return false }
        slots[slot] = .isBusy
        return true
    }

    /// Notes how a search fares; one that has ended does not any more.
    mutating func note(_ progress: Progress, at slot: Int) {
        if slots[slot] != nil { slots[slot] = progress }
    }

    /// Notes that a search has ended.
    mutating func ended(at slot: Int) {
        slots[slot] = nil
    }
}
