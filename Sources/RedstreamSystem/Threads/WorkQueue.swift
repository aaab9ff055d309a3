/// A queue of closures, due now or later, that its one reader can wait for.
///
/// `@unchecked`: `ready`, `timed`, `schedule` and `closed` are touched only while `mutex` is locked, and the C objects stay at
/// one address from init to deinit.
final class WorkQueue: @unchecked Sendable {
    typealias Work = @Sendable () -> Void

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var ready: [Work] = []
    /// Closures that are due later, by their numbers.
    private var timed: [Int: Work] = [:]
    private var schedule = Schedule()
    private var lastNumber = 0
    private var closed = false

    init() {
        pthread_mutex_init(mutex, nil)
        #if !canImport(Darwin)
        // Waits are counted on a clock that nobody sets.
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
        #else
        pthread_cond_init(condition, nil)
        #endif
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func append(_ work: @escaping Work) {
        locked { ready.append(work) }
        pthread_cond_signal(condition)
    }

    /// Adds a closure that is due later.
    ///
    /// - Returns: The number to ``drop(_:)`` it by.
    @discardableResult
    func append(_ work: @escaping Work, at due: ContinuousClock.Instant) -> Int {
        let number = locked {
            lastNumber += 1
            timed[lastNumber] = work
            schedule.insert(.init(due: due, number: lastNumber))
            return lastNumber
        }
        pthread_cond_signal(condition)
        return number
    }

    /// Drops a closure that is not due yet.
    func drop(_ number: Int) {
        locked {
            timed[number] = nil
            // What was dropped stays in the schedule until its time, or until it is most of it.
            if schedule.count > 2 * timed.count + 64 { schedule.keep(where: { timed[$0] != nil }) }
        }
    }

    /// Lets the reader end once what is ready has run; what is due later is dropped.
    func close() {
        locked { closed = true }
        pthread_cond_signal(condition)
    }

    func runUntilClosed() {
        while let batch = next() {
            for work in batch { work() }
        }
    }

    private func next() -> [Work]? {
        locked {
            while true {
                collectDue()
                if !ready.isEmpty {
                    defer { ready = [] }
                    return ready
                }
                if closed { return nil }
                wait(until: schedule.first?.due)
            }
        }
    }

    private func collectDue() {
        guard schedule.first != nil else { return }
        let now = ContinuousClock.now
        while let first = schedule.first, first.due <= now || timed[first.number] == nil {
            schedule.removeFirst()
            if let work = timed.removeValue(forKey: first.number) { ready.append(work) }
        }
    }

    private func wait(until due: ContinuousClock.Instant?) {
        guard let due else {
            pthread_cond_wait(condition, mutex)
            return
        }
        let (seconds, attoseconds) = max(ContinuousClock.now.duration(to: due), .zero).components
        var limit = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        #if !canImport(Darwin)
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        limit.tv_sec += now.tv_sec
        limit.tv_nsec += now.tv_nsec
        if limit.tv_nsec >= 1_000_000_000 {
            limit.tv_sec += 1
            limit.tv_nsec -= 1_000_000_000
        }
        pthread_cond_timedwait(condition, mutex, &limit)
        #else
        pthread_cond_timedwait_relative_np(condition, mutex, &limit)
        #endif
    }

    private func locked<Value>(_ body: () -> Value) -> Value {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }
}

/// Moments in the order in which they come: a binary heap.
struct Schedule {
    struct Entry {
        let due: ContinuousClock.Instant
        let number: Int

        /// Compares moments; of the same moment, numbers.
        fileprivate func comes(before other: Entry) -> Bool {
            due == other.due ? number < other.number : due < other.due
        }
    }

    private var entries: [Entry] = []

    var count: Int { entries.count }
    /// The entry that comes first.
    var first: Entry? { entries.first }

    mutating func insert(_ entry: Entry) {
        var place = entries.count
        entries.append(entry)
        while place > 0, entry.comes(before: entries[(place - 1) / 2]) {
            entries.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    /// Removes the entry that comes first, if there is one.
    mutating func removeFirst() {
        guard let last = entries.popLast(), !entries.isEmpty else { return }
        entries[0] = last
        var place = 0
        while let child = [2 * place + 1, 2 * place + 2].filter({ $0 < entries.count }).min(by: {
            entries[$0].comes(before: entries[$1])
        }), entries[child].comes(before: entries[place]) {
            entries.swapAt(place, child)
            place = child
        }
    }

    /// Keeps the entries of some numbers.
    mutating func keep(where isKept: (Int) -> Bool) {
        entries = entries.filter { isKept($0.number) }.sorted { $0.comes(before: $1) }
    }
}
