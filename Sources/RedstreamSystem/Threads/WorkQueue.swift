/// A queue of closures, due now or later, that its one reader can wait for.
///
/// `@unchecked`: `ready`, `timed` and `closed` are touched only while `mutex` is locked, and the C objects stay at
/// one address from init to deinit.
final class WorkQueue: @unchecked Sendable {
    typealias Work = @Sendable () -> Void

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var ready: [Work] = []
    private var timed: [(number: Int, due: ContinuousClock.Instant, work: Work)] = []
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
            timed.append((lastNumber, due, work))
            return lastNumber
        }
        pthread_cond_signal(condition)
        return number
    }

    /// Drops a closure that is not due yet.
    func drop(_ number: Int) {
        locked { timed.removeAll { $0.number == number } }
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
                wait(until: timed.map(\.due).min())
            }
        }
    }

    private func collectDue() {
        guard !timed.isEmpty else { return }
        let now = ContinuousClock.now
        ready += timed.filter { $0.due <= now }.map(\.work)
        timed.removeAll { $0.due <= now }
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
