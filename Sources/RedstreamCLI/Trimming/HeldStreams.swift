import Redstream
import Synchronization

/// Remembers which streams were passed over because of whom, so that it is told once.
final class HeldStreams: Sendable {
    private let holders = Mutex<[String: String]>([:])

    /// Whether a report tells of a holder that the last one of its stream did not tell of.
    func isNews(_ report: TrimReport) -> Bool {
        var holder: String?
        if case .lockHeld(let by)? = report.skipped { holder = by }
        return holders.withLock { holders in
            defer { holders[report.stream] = holder }
            return holder != nil && holders[report.stream] != holder
        }
    }
}
