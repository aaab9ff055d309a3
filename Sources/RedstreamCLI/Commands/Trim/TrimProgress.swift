import Synchronization

/// Shows how many entries a pass has removed.
final class TrimProgress: Sendable {
    private let console: Console
    private let state: Mutex<(count: Int, progress: Progress)>

    init(_ console: Console) {
        self.console = console
        state = Mutex((0, Progress(console, unit: "entries")))
    }

    func add(_ count: Int) {
        state.withLock {
            $0.count += count
            $0.progress.update($0.count)
        }
    }

    /// Ends the display of one stream and begins the next.
    ///
    /// - Returns: The number of entries that were removed from this one.
    @discardableResult
    func finish() -> Int {
        state.withLock { state in
            state.progress.finish()
            defer { state = (0, Progress(console, unit: "entries")) }
            return state.count
        }
    }
}
