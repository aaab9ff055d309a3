import Synchronization

/// Lets one task at a time write what belongs together, in the order in which they came.
///
/// A write to a slow reader suspends, and another task's lines must not come between.
final class SerialWriter: Sendable {
    private struct State {
        var isBusy = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let output: OutputFile
    private let state = Mutex(State())

    init(_ output: OutputFile) {
        self.output = output
    }

    /// Writes bytes once those before are written.
    ///
    /// - Throws: ``OutputError``; `CancellationError`.
    func write(_ bytes: [UInt8]) async throws {
        await begin()
        defer { end() }
        try await output.write(bytes)
    }

    /// Whoever is before ends soon, also when cancelled; so the wait itself need not be cut short.
    private func begin() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.isBusy {
                    state.waiting.append(continuation)
                    return false
                }
                state.isBusy = true
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    private func end() {
        let next: CheckedContinuation<Void, Never>? = state.withLock { state in
            if state.waiting.isEmpty {
                state.isBusy = false
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
