/// At which slots a coordinator goes for locks, and how it fares there: a decision on plain values.
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
