import Redstream
import Synchronization

/// Remembers which streams were passed over because of whom, and who held them back, so that it is told once.
final class HeldStreams: Sendable {
    private struct State {
        var holders: [ExactText: String] = [:]
        var laggards: [ExactText: Set<ExactText>] = [:]
    }

    private let state = Mutex(State())

    /// Returns whether a report has something to tell that was not told before: a new holder of the lock, or a consumer
    /// that keeps entries back, once for each of its states (no offset, at the start, further on).
    func isNews(_ report: TrimReport) -> Bool {
        var holder: String?
        if case .lockHeld(let by)? = report.skipped { holder = by }
        let stream = ExactText(report.stream)
        return state.withLock { state in
            defer { state.holders[stream] = holder }
            if holder != nil, state.holders[stream] != holder { return true }
            guard let laggard = report.heldBack else { return false }
            // Where several consumers take turns at being last, each is told of once.
            let progress = laggard.offset.map { $0 > .zero ? "on" : "start" } ?? "none"
            return state.laggards[stream, default: []].insert(ExactText("\(progress) \(laggard.consumer)")).inserted
        }
    }
}
