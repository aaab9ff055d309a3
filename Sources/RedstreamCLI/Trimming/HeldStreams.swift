import Redstream
import Synchronization

/// Remembers which streams were passed over because of whom, and who held them back, so that it is told once.
final class HeldStreams: Sendable {
    private struct State {
        var holders: [String: String] = [:]
        var laggards: [String: Set<String>] = [:]
    }

    private let state = Mutex(State())

    /// Whether a report tells of a holder that the last one of its stream did not tell of, or of a consumer without an
    /// offset, at the start, or further on that none did.
    func isNews(_ report: TrimReport) -> Bool {
        var holder: String?
        if case .lockHeld(let by)? = report.skipped { holder = by }
        return state.withLock { state in
            defer { state.holders[report.stream] = holder }
            if holder != nil, state.holders[report.stream] != holder { return true }
            guard let laggard = report.heldBack else { return false }
            // Where several consumers take turns at being last, each is told of once.
            let progress = laggard.offset.map { $0 > .zero ? "on" : "start" } ?? "none"
            return state.laggards[report.stream, default: []].insert("\(progress) \(laggard.consumer)").inserted
        }
    }
}
