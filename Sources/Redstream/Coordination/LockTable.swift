import RedstreamConnection
import Synchronization

/// The locks that one piece of work goes for, those that it holds, and their leases.
///
/// Each step costs the same, however many locks there are.
final class LockTable: Sendable {
    private struct State {
        var locks: [Int: LockName] = [:]
        var assignment: LockAssignment
        var leases: [Int: Lease] = [:]
        /// The number of locks that are being taken at this moment, of those that there is room for.
        var reserved = 0
    }

    private let isCluster: Bool
    private let state: Mutex<State>

    init(of client: StreamClient, maximumActive: Int? = nil) {
        isCluster = client.pool.cluster != nil
        state = Mutex(State(assignment: LockAssignment(maximumActive: maximumActive)))
    }

    /// Wants a lock.
    ///
    /// - Returns: Its number, which no other lock gets later.
    func add(_ lock: LockName) -> Int {
        state.withLock { state in
            let number = state.assignment.add(at: slot(of: lock))
            state.locks[number] = lock
            return number
        }
    }

    /// Returns the number of the locks that one command can name with this: of its slot, and 0 where there is no cluster.
    func slot(of lock: LockName) -> Int { isCluster ? ClusterSlot(of: lock.key).number : 0 }

    /// Returns an answer of the plan as it is now.
    func plan<Value: Sendable>(_ question: (LockAssignment) -> Value) -> Value {
        state.withLock { question($0.assignment) }
    }

    /// Returns the locks of a slot to go for now.
    func wanted(at slot: Int) -> [(index: Int, lock: LockName)] {
        state.withLock { state in
            state.assignment.wanted(at: slot).compactMap { index in state.locks[index].map { (index, $0) } }
        }
    }

    /// Takes a lock if there is room for it; locks that other tasks are taking at the same time count.
    ///
    /// - Returns: The result of `take`; nil where there was no room.
    func ifThereIsRoom<Value>(_ take: () async throws -> Value) async rethrows -> Value? {
        let isRoom = state.withLock { state in
            guard state.assignment.room > state.reserved else { return false }
            state.reserved += 1
            return true
        }
        guard isRoom else { return nil }
        defer { state.withLock { $0.reserved -= 1 } }
        return try await take()
    }

    /// Notes that a lock was taken.
    ///
    /// - Returns: False if it is not wanted any more.
    func took(_ lease: Lease, at index: Int) -> Bool {
        state.withLock { state in
            guard state.locks[index] != nil else { return false }
            state.assignment.note(.held, at: index)
            state.leases[index] = lease
            return true
        }
    }

    /// Notes that a lock is not held any more, or never was.
    func note(_ new: LockAssignment.State, at index: Int) {
        state.withLock { state in
            state.assignment.note(new, at: index)
            state.leases[index] = nil
        }
    }

    /// Forgets a lock, unless it is held.
    ///
    /// - Returns: False if it is held.
    func remove(_ index: Int) -> Bool {
        state.withLock { state in
            guard state.leases[index] == nil else { return false }
            state.locks[index] = nil
            state.assignment.remove(index)
            return true
        }
    }

    /// Returns the lease of a lock that is held.
    func lease(at index: Int) -> Lease? { state.withLock { $0.leases[index] } }

    /// Every lease that is held.
    var leases: [Lease] { state.withLock { Array($0.leases.values) } }
}
