import Synchronization

/// Notes values from concurrent code, in the order in which they came.
package final class Recorder<Value: Sendable>: Sendable {
    private let state = Mutex<[Value]>([])

    /// Creates an empty one.
    package init() {}

    /// The values that were noted so far.
    package var values: [Value] { state.withLock { $0 } }
    /// The number of values that were noted so far.
    package var count: Int { state.withLock { $0.count } }

    /// Notes a value, and returns how many there are now.
    @discardableResult
    package func note(_ value: Value) -> Int {
        state.withLock {
            $0.append(value)
            return $0.count
        }
    }

    /// Notes several values.
    package func note(contentsOf values: some Sequence<Value>) {
        let values = Array(values)
        state.withLock { $0 += values }
    }
}
