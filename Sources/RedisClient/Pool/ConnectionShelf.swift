import Synchronization

/// The idle connections of a pool and the callers that wait for one.
final class ConnectionShelf: Sendable {
    enum Outcome {
        case idle(RedisConnection)
        case mayOpen
        case full
    }

    private struct State {
        var open = 0
        var idle: [RedisConnection] = []
        var waiters: [(number: Int, continuation: CheckedContinuation<Bool, Never>)] = []
        var nextWaiter = 0
        var isClosed = false
    }

    private let size: Int
    private let state = Mutex(State())

    init(size: Int) {
        self.size = size
    }

    func take() -> Outcome {
        state.withLock {
            if let connection = $0.idle.popLast() { return .idle(connection) }
            guard $0.open < size else { return .full }
            $0.open += 1
            return .mayOpen
        }
    }

    func put(_ connection: RedisConnection) {
        let isClosed = state.withLock {
            if $0.isClosed { $0.open -= 1 } else { $0.idle.append(connection) }
            return $0.isClosed
        }
        if isClosed { connection.close() }
        wakeFirst()
    }

    func discard() {
        state.withLock { $0.open -= 1 }
        wakeFirst()
    }

    func close() {
        let idle = state.withLock {
            let idle = $0.idle
            $0.isClosed = true
            $0.open -= idle.count
            $0.idle = []
            return idle
        }
        for connection in idle { connection.close() }
    }

    /// Waits until a place may have become free; false where the time passed first.
    func waitForChange(atMost limit: Duration) async throws -> Bool {
        let number = state.withLock {
            $0.nextWaiter += 1
            return $0.nextWaiter
        }
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask { await self.waitInLine(number) }
            group.addTask {
                try await Task.sleep(for: limit)
                return false
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
    }

    private func waitInLine(_ number: Int) async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock {
                    if Task.isCancelled { return false }
                    if $0.open < size || !$0.idle.isEmpty { return true }
                    $0.waiters.append((number, continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            leaveLine(number)
        }
    }

    private func wakeFirst() {
        let first = state.withLock { $0.waiters.isEmpty ? nil : $0.waiters.removeFirst() }
        first?.continuation.resume(returning: true)
    }

    private func leaveLine(_ number: Int) {
        let waiter = state.withLock { state in
            state.waiters.firstIndex { $0.number == number }.map { state.waiters.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: false)
    }
}
