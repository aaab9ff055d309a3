import Logging
import RedstreamConnection
import Synchronization

/// The tasks and the plan of a running coordinator, and the leases that it holds.
final class LockCoordinatorState: Sendable {
    private struct State {
        var tasks: [LockedTask]
        var plan: LockAssignment
        var leases: [Int: Lease] = [:]
        /// The share that was logged last.
        var told: String?
        /// The number of locks that are being taken at this moment, of those that there is room for.
        var reserved = 0
        /// The places of tasks that were found, by their stream.
        var found: [ExactText: Int] = [:]
        /// The stops of tasks that may be forgotten.
        var stops: [Int: StopSignal] = [:]
    }

    private let state: Mutex<State>

    init(_ tasks: [LockedTask], maximumActive: Int?) {
        state = Mutex(
            State(tasks: tasks, plan: LockAssignment(count: tasks.count, maximumActive: maximumActive)))
    }

    var tasks: [LockedTask] { state.withLock { $0.tasks } }

    /// The plan as it is now.
    var plan: LockAssignment { state.withLock { $0.plan } }

    /// Takes a lock if there is room for it; locks that other tasks are taking at the same time count.
    ///
    /// - Returns: The result of `take`; nil where there was no room.
    func ifThereIsRoom<Value>(_ take: () async throws -> Value) async rethrows -> Value? {
        let isRoom = state.withLock { state in
            guard state.plan.room > state.reserved else { return false }
            state.reserved += 1
            return true
        }
        guard isRoom else { return nil }
        defer { state.withLock { $0.reserved -= 1 } }
        return try await take()
    }

    /// Notes that a lock was taken.
    func took(_ lease: Lease, at index: Int) {
        state.withLock {
            $0.plan.note(.held, at: index)
            $0.leases[index] = lease
        }
    }

    /// The lease of a lock that is held.
    func lease(at index: Int) -> Lease? { state.withLock { $0.leases[index] } }

    /// Notes that a lock is not held any more, or never was; work that was forgotten is finished.
    func note(_ new: LockAssignment.State, at index: Int) {
        state.withLock { state in
            let isForgotten = state.stops[index]?.isStopping == true
            state.plan.note(isForgotten ? .finished : new, at: index)
            state.leases[index] = nil
        }
    }

    /// Every lease that is held.
    var leases: [Lease] { state.withLock { Array($0.leases.values) } }

    /// Takes the streams that there are now: those that appeared are wanted, those that are gone forgotten.
    ///
    /// - Returns: True if something is new.
    func replace(by streams: [String], _ makeTask: (String) -> LockedTask) -> Bool {
        state.withLock { state in
            let names = Set(streams.map(ExactText.init))
            for (name, index) in state.found where !names.contains(name) {
                state.found[name] = nil
                state.stops[index]?.stop()
                if state.leases[index] == nil { state.plan.note(.finished, at: index) }
            }
            let new = streams.filter { state.found[ExactText($0)] == nil }
            for stream in new {
                state.found[ExactText(stream)] = state.tasks.count
                state.stops[state.tasks.count] = StopSignal()
                state.tasks.append(makeTask(stream))
                state.plan.add()
            }
            return !new.isEmpty
        }
    }

    /// Runs a task until a stop, or until it is forgotten.
    func untilForgotten<Value>(
        _ index: Int, or stop: StopSignal, _ body: (StopSignal) async throws -> Value
    ) async throws -> Value {
        guard let own = state.withLock({ $0.stops[index] }) else { return try await body(stop) }
        return try await stop.orStop(own, body)
    }

    /// Lets tasks that tell of their own locks say who holds them.
    func standsBy(_ held: [LockSnapshot]) {
        let tasks = tasks
        for lock in held {
            if let holder = lock.holder { tasks[lock.index].notices?.standsBy(heldBy: holder) }
        }
    }

    /// Logs the share when it changes; not at the start if this process holds every lock.
    func tell(_ title: String, on logger: Logger, standsBy: Bool) {
        let news: String? = state.withLock { state in
            let share = state.plan.shareText(standsBy: standsBy)
            guard share != state.told, state.tasks.contains(where: { $0.notices == nil }) else { return nil }
            defer { state.told = share }
            return state.told == nil && state.plan.heldCount == state.plan.states.count ? nil : share
        }
        if let news { logger.notice("\(title) holds \(news)") }
    }
}
