import Redstream
import Synchronization

/// Shows how far long work has come, once it has taken a second, ten times a second at most.
struct Progress {
    private let console: Console
    private let unit: String
    private let total: Int?
    private let began = ContinuousClock.now
    private var next = ContinuousClock.now.advanced(by: .seconds(1))

    /// Creates a display.
    ///
    /// - Parameters:
    ///   - console: The console to write to.
    ///   - unit: What is counted, in the plural.
    ///   - total: How much there is, where that is known.
    init(_ console: Console, unit: String, total: Int? = nil) {
        self.console = console
        self.unit = unit
        self.total = total
    }

    /// Tells how much is done; `part` is what `total` counts, where that is something else.
    mutating func update(_ count: Int, part: Int? = nil) {
        guard console.isTerminal, ContinuousClock.now >= next else { return }
        next = ContinuousClock.now.advanced(by: .milliseconds(100))
        let seconds = max(began.duration(to: .now) / .milliseconds(1) / 1000, 0.001)
        let rate = Int(Double(count) / seconds)
        let share = total.map { $0 > 0 ? " · \(min(100, (part ?? count) * 100 / $0))%" : "" } ?? ""
        console.show(progress: "\(count.grouped) \(unit)\(share) · \(rate.grouped)/s")
    }

    /// Takes the display away.
    func finish() {
        console.show(progress: "")
    }
}

/// A count of what several tasks do, which is shown as progress.
final class ProgressCounter: Sendable {
    private let console: Console
    private let unit: String
    private let isShown: Bool
    private let state: Mutex<(count: Int, progress: Progress)>

    init(_ console: Console, unit: String, isShown: Bool = true) {
        self.console = console
        self.unit = unit
        self.isShown = isShown
        state = Mutex((0, Progress(console, unit: unit)))
    }

    func add(_ count: Int) {
        state.withLock {
            $0.count += count
            if isShown { $0.progress.update($0.count) }
        }
    }

    /// Takes the display away, and begins anew.
    ///
    /// - Returns: The count until now.
    @discardableResult
    func finish() -> Int {
        state.withLock { state in
            state.progress.finish()
            defer { state = (0, Progress(console, unit: unit)) }
            return state.count
        }
    }
}
