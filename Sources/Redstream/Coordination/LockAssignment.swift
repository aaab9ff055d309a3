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

    private struct Place: Equatable {
        let slot: Int
        var state: State
    }

    private var places: [Int: Place] = [:]
    /// The locks that are wanted, by their slots; no slot has none.
    private var wantedBySlot: [Int: Set<Int>] = [:]
    private var lastNumber = -1
    /// The number of locks that are held.
    private(set) var heldCount = 0
    /// The most locks to hold at once; nil for all.
    private let maximumActive: Int?

    init(maximumActive: Int?) {
        self.maximumActive = maximumActive
    }

    /// Wants another lock.
    ///
    /// - Returns: Its number.
    mutating func add(at slot: Int) -> Int {
        lastNumber += 1
        places[lastNumber] = Place(slot: slot, state: .wanted)
        wantedBySlot[slot, default: []].insert(lastNumber)
        return lastNumber
    }

    /// Forgets a lock.
    mutating func remove(_ index: Int) {
        note(.finished, at: index)
        places[index] = nil
    }

    /// The number of locks that may be taken yet.
    var room: Int { max((maximumActive.map { max($0, 1) } ?? places.count) - heldCount, 0) }
    /// True if there is no lock to go for now.
    var wantsNothing: Bool { room == 0 || wantedBySlot.isEmpty }
    /// True if every lock is held.
    var holdsAll: Bool { heldCount == places.count }
    /// The first lock that was passed over, and who holds it; nil where none was.
    var firstPassedOver: (index: Int, holder: String)? {
        let all = places.compactMap { index, place in
            if case .passedOver(let holder) = place.state { (index: index, holder: holder) } else { nil }
        }
        return all.min { $0.index < $1.index }
    }

    /// Returns true if there is a lock of a slot to go for, once there is room.
    func wants(at slot: Int) -> Bool { wantedBySlot[slot] != nil }

    /// Returns the locks of a slot to go for now, in order: none where there is no room.
    func wanted(at slot: Int) -> [Int] { room == 0 ? [] : wantedBySlot[slot, default: []].sorted() }

    /// Notes what became of a lock.
    mutating func note(_ state: State, at index: Int) {
        guard let (slot, former) = places[index].map({ ($0.slot, $0.state) }) else { return }
        places[index]?.state = state
        if former == .held { heldCount -= 1 }
        if state == .held { heldCount += 1 }
        if state == .wanted {
            wantedBySlot[slot, default: []].insert(index)
        } else if wantedBySlot[slot]?.remove(index) != nil, wantedBySlot[slot]?.isEmpty == true {
            wantedBySlot[slot] = nil
        }
    }

    /// Returns the share in words: `8 of 16 shards, as many as it may`.
    ///
    /// - Parameter standsBy: True if it waits for locks that are held.
    /// - Returns: A clause without a verb.
    func shareText(standsBy: Bool = true) -> String {
        let share = "\(heldCount.grouped) of \(places.count.counted("shard", "shards"))"
        if holdsAll { return share }
        if room == 0 { return share + ", as many as it may" }
        return share + (standsBy ? ", and stands by for the others" : ", and passes over the others")
    }
}

/// The state of a wanted lock, as a look has shown it.
struct LockSnapshot {
    /// Its number.
    let index: Int
    let lock: LockName
    /// The holder; nil where nobody has the lock.
    let holder: String?
    /// The time that its key lives, in milliseconds, as PTTL tells.
    let life: Int

    /// Returns the time to wait for a release of any: until the first of them would run out.
    ///
    /// An expiring lock wakes nobody, hence its remaining life, by PTTL: -2 it is gone, -1 it lives for ever, which only a
    /// stranger's lock does. BRPOP would take 0 for "for ever".
    static func waitingTime(lives: [Int]) -> Duration {
        lives.map { $0 == -1 ? LeaseRenewer.leaseTime : .milliseconds(max($0, 10)) }.min()
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
    private var counts: [Progress: Int] = [:]

    /// True if it tries to take a lock.
    var isUnderWay: Bool { !slots.isEmpty }

    /// True if all free locks were taken: it waits, except for nodes that are away.
    var isAtRest: Bool { counts[.waits, default: 0] > 0 && counts[.isBusy, default: 0] == 0 }

    /// Notes that a search begins; false where one is under way at that slot.
    mutating func begins(at slot: Int) -> Bool {
        guard slots[slot] == nil else { return false }
        set(.isBusy, at: slot)
        return true
    }

    /// Notes how a search fares; one that has ended does not any more.
    mutating func note(_ progress: Progress, at slot: Int) {
        if slots[slot] != nil { set(progress, at: slot) }
    }

    /// Notes that a search has ended.
    mutating func ended(at slot: Int) {
        set(nil, at: slot)
    }

    private mutating func set(_ progress: Progress?, at slot: Int) {
        if let former = slots[slot] { counts[former, default: 0] -= 1 }
        if let progress { counts[progress, default: 0] += 1 }
        slots[slot] = progress
    }
}
