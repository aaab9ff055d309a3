import Redstream
import Synchronization

/// Shows how far long work has come, once it has taken a second, ten times a second at most; several tasks may count.
final class Progress: Sendable {
    private struct State {
        var count = 0
        let began = ContinuousClock.now
        var next = ContinuousClock.now.advanced(by: .seconds(1))
    }

    private let console: Console
    private let unit: String
    private let total: Int?
    private let isShown: Bool
    private let state = Mutex(State())

    /// Creates a display.
    ///
    /// - Parameters:
    ///   - console: The console to write to.
    ///   - unit: What is counted, in the plural.
    ///   - total: How much there is, where that is known.
    ///   - isShown: False to count only.
    init(_ console: Console, unit: String, total: Int? = nil, isShown: Bool = true) {
        self.console = console
        self.unit = unit
        self.total = total
        self.isShown = isShown && console.isTerminal
    }

    /// Adds to the count.
    func add(_ count: Int) {
        update { $0 += count }
    }

    /// Changes the count; `part` is how much of `total` is done.
    func update(part: Int = 0, _ change: (inout Int) -> Void) {
        state.withLock { state in
            change(&state.count)
            guard isShown, ContinuousClock.now >= state.next else { return }
            state.next = ContinuousClock.now.advanced(by: .milliseconds(100))
            let seconds = max(state.began.duration(to: .now) / .milliseconds(1) / 1000, 0.001)
            let rate = Int(Double(state.count) / seconds)
            let share = total.map { $0 > 0 ? " · \(min(100, part * 100 / $0))%" : "" } ?? ""
            console.show(progress: "\(state.count.grouped) \(unit)\(share) · \(rate.grouped)/s")
        }
    }

    /// Takes the display away, and begins anew.
    ///
    /// - Returns: The count until now.
    @discardableResult
    func finish() -> Int {
        state.withLock { state in
            console.show(progress: "")
            defer { state = State() }
            return state.count
        }
    }
}
