import Synchronization

/// Counts what was consumed and shows it as progress.
final class ConsumeTally: Sendable {
    private let state: Mutex<(count: Int, progress: Progress)>
    private let showsProgress: Bool

    init(_ console: Console, showsProgress: Bool) {
        state = Mutex((0, Progress(console, unit: "messages")))
        self.showsProgress = showsProgress
    }

    func add(_ count: Int) {
        state.withLock {
            $0.count += count
            if showsProgress { $0.progress.update($0.count) }
        }
    }

    func finish() {
        state.withLock { $0.progress.finish() }
    }
}
