/// The result of a run, as text.
package struct Report: Sendable {
    /// The most violations of an invariant that are told.
    private static let limit = 20

    package let figures: Figures
    package let violations: [Violation]

    /// Judges a history.
    package init(_ history: History) {
        figures = Figures(history)
        violations = Invariant.allViolations(in: history)
    }

    /// True if every invariant held.
    package var isGood: Bool { violations.isEmpty }

    /// The figures, then the verdict.
    package var text: String {
        var lines = [
            "faults        " + figures.faults.map { "\($0.count) × \($0.kind.rawValue)" }.joined(separator: ", ")
        ]
        func row(_ name: String, _ value: String) {
            lines.append(name + String(repeating: " ", count: max(14 - name.count, 1)) + value)
        }
        row("produced", "\(figures.produced), \(figures.acknowledged) acknowledged, \(figures.doubled) doubled")
        row("handled", "\(figures.handled), and \(figures.redelivered) again; \(figures.deadLetters) dead letters")
        row("lost", "\(figures.lost)")
        row("moved", "\(figures.moved)")
        row("trimmed", "\(figures.trimmed)")
        row(
            "takeover",
            "after kill -9 \(time(figures.longestTakeoverAfterKill)) at the longest of \(figures.takeoversAfterKill); after a graceful stop \(time(figures.longestTakeoverAfterStop)) of \(figures.takeoversAfterStop); where faults overlapped \(time(figures.longestTakeoverInStorm))"
        )
        row(
            "delay",
            "\(time(figures.longestDelayUndisturbed)) late at the most, of \(figures.undisturbedMoves) moved with nothing disturbed"
        )
        row("pauses", figures.pauses.map { "\($0.role) \(time($0.milliseconds))" }.joined(separator: ", "))
        row("machine", "kept processes waiting for \(time(figures.stalled)) in all")
        return lines.joined(separator: "\n") + "\n" + verdict
    }

    private var verdict: String {
        if isGood { return "nothing lost, and every invariant held\n" }
        var lines = ["\(violations.count) violations:"]
        for invariant in Invariant.allCases {
            let found = violations.filter { $0.invariant == invariant }
            lines += found.prefix(Self.limit).map { "  \($0)" }
            if found.count > Self.limit {
                lines.append("  \(invariant.rawValue): and \(found.count - Self.limit) more")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func time(_ milliseconds: UInt64?) -> String { milliseconds.map { "\($0) ms" } ?? "–" }
}
