import Redstream
import Synchronization

/// What `produce` reports at its end, however it came about.
final class ProduceOutcome: Sendable {
    private let state = Mutex((tally: ProducePipeline.Tally(), skipped: 0))

    var tally: ProducePipeline.Tally { state.withLock { $0.tally } }
    var skipped: Int { state.withLock { $0.skipped } }

    func set(_ tally: ProducePipeline.Tally, skipped: Int) {
        state.withLock { $0 = (tally, skipped) }
    }

    /// One line for people.
    func text(stream: String) -> String {
        let count = tally.acknowledged
        var text = "produced \(count.counted("message", "messages")) to \(stream)"
        if let last = tally.lastID { text += ", last id \(last)" }
        if tally.possiblyDoubled > 0 { text += ", \(tally.possiblyDoubled) of them possibly doubled" }
        if skipped > 0 { text += ", \(skipped.counted("line", "lines")) skipped" }
        return text
    }

    /// One document for programs.
    func json(stream: String) -> JSONValue {
        .object([
            ("stream", .string(stream)), ("produced", .integer(tally.acknowledged)),
            ("last_id", .optional(tally.lastID)), ("possibly_doubled", .integer(tally.possiblyDoubled)),
            ("skipped", .integer(skipped)),
        ])
    }
}
