import RedstreamSystem
import Synchronization

/// The idle connections of a pool and the callers that wait for one, served in the order in which they came.
final class ConnectionSlots: Sendable {
    /// The right to an idle connection, or to open one.
    enum Grant {
        case idle(RedisConnection)
        case mayOpen
    }

    private typealias Waiter = (number: Int, continuation: CheckedContinuation<Grant?, Never>)

    private struct State {
        /// Grants that are out, and idle connections.
        var open = 0
        var idle: [RedisConnection] = []
        var waiters: [Waiter] = []
        var nextNumber = 0
        /// Callers whose wait was over before it began.
        var gone: Set<Int> = []
        var isClosed = false

        /// Returns a grant that can be had at once: none while others wait.
        mutating func grant(upTo size: Int) -> Grant? {
            guard waiters.isEmpty else { return nil }
            if let connection = idle.popLast() { return .idle(connection) }
            guard open < size else { return nil }
            open += 1
            return .mayOpen
        }
    }

    private let size: Int
    private let state = Mutex(State())

    init(size: Int) {
        self.size = size
    }

    /// Takes a connection, or waits for one; returns nil if the time passed first.
    ///
    /// - Throws: `CancellationError`.
    func take(waitingAtMost limit: Duration) async throws -> Grant? {
        let (grant, number) = state.withLock { state in
            state.nextNumber += 1
            return (state.grant(upTo: size), state.nextNumber)
        }
        if let grant { return grant }
        return try await wait(number, atMost: limit)
    }

    /// Puts a connection back, and gives it to the caller that has waited longest.
    func put(_ connection: RedisConnection) {
        let (waiter, isKept): (Waiter?, Bool) = state.withLock { state in
            if state.isClosed { return (nil, false) }
            if !state.waiters.isEmpty { return (state.waiters.removeFirst(), true) }
            state.idle.append(connection)
            return (nil, true)
        }
        waiter?.continuation.resume(returning: .idle(connection))
        if !isKept {
            connection.close()
            discard()
        }
    }

    /// Gives a place back whose connection is of no use any more, or was never opened.
    func discard() {
        state.withLock { $0.open -= 1 }
        admitOne()
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

    private func admitOne() {
        let waiter: Waiter? = state.withLock { state in
            guard !state.waiters.isEmpty, state.open < size else { return nil }
            state.open += 1
            return state.waiters.removeFirst()
        }
        waiter?.continuation.resume(returning: .mayOpen)
    }

    private func wait(_ number: Int, atMost limit: Duration) async throws -> Grant? {
        let grant = await withTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await Timer.sleep(for: limit)
                if !Task.isCancelled { self.leaveLine(number) }
            }
            defer { group.cancelAll() }
            return await standInLine(number)
        }
        state.withLock { _ = $0.gone.remove(number) }
        if grant == nil { try Task.checkCancellation() }
        return grant
    }

    private func standInLine(_ number: Int) async -> Grant? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Grant?? = state.withLock { state in
                    if state.gone.contains(number) { return .some(nil) }
                    if let grant = state.grant(upTo: size) { return grant }
                    state.waiters.append((number, continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            leaveLine(number)
        }
    }

    /// Ends a caller's waiting, unless it has been served.
    private func leaveLine(_ number: Int) {
        let waiter: Waiter? = state.withLock { state in
            guard let place = state.waiters.firstIndex(where: { $0.number == number }) else {
                state.gone.insert(number)
                return nil
            }
            return state.waiters.remove(at: place)
        }
        waiter?.continuation.resume(returning: nil)
    }
}
