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
    func finish() {
        state.withLock {
            $0.progress.finish()
            $0 = (0, Progress(console, unit: "entries"))
        }
    }
}
