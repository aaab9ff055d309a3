import Redstream
import Synchronization

/// What `produce` reports at its end, however it came about.
final class ProduceOutcome: Sendable {
    private let state = Mutex((tally: ProducePipeline.Tally(), skipped: 0, hasTakenAll: false))

    var tally: ProducePipeline.Tally { state.withLock { $0.tally } }
    var skipped: Int { state.withLock { $0.skipped } }
    /// Whether nothing of the input was left.
    var hasTakenAll: Bool { state.withLock { $0.hasTakenAll } }

    func set(_ tally: ProducePipeline.Tally, skipped: Int, hasTakenAll: Bool = false) {
        state.withLock { $0 = (tally, skipped, hasTakenAll) }
    }

    /// True if nothing was written, and nothing skipped.
    var isEmpty: Bool { tally.acknowledged == 0 && tally.possiblyDoubled == 0 && skipped == 0 }

    /// One line for people.
    func text(_ target: ProduceTarget) -> String {
        let count = tally.acknowledged
        var text = "produced \(count.counted("message", "messages")) to \(target.name)"
        if let last = tally.lastID { text += target.sharding == nil ? ", last id \(last)" : ", \(spread)" }
        if tally.possiblyDoubled > 0 { text += ", \(tally.possiblyDoubled.grouped) of them possibly doubled" }
        if skipped > 0 { text += ", \(skipped.counted("line", "lines")) skipped" }
        return text
    }

    /// How many messages the shards got: `238 to 261 each`.
    private var spread: String {
        let counts = tally.targets.map(\.acknowledged)
        guard let least = counts.min(), let most = counts.max() else { return "\(tally.acknowledged.grouped) each" }
        return least == most ? "\(least.grouped) each" : "\(least.grouped) to \(most.grouped) each"
    }

    /// One document for programs.
    ///
    /// With shards, the last id is that of each shard.
    func json(_ target: ProduceTarget) -> JSONValue {
        var members: [(key: String, value: JSONValue)] = [
            ("stream", .string(target.sharding == nil ? target.names[0] : target.stream)),
            ("produced", .integer(tally.acknowledged)),
            ("last_id", target.sharding == nil ? .optional(tally.lastID) : .null),
            ("possibly_doubled", .integer(tally.possiblyDoubled)),
            ("under_replicated", .integer(tally.underReplicated)), ("skipped", .integer(skipped)),
        ]
        if target.sharding != nil {
            let single = ProducePipeline.Target(acknowledged: tally.acknowledged, lastID: tally.lastID)
            let shards = zip(target.names, tally.targets.isEmpty ? [single] : tally.targets)
            members.append(
                (
                    "shards",
                    .array(
                        shards.map { name, shard in
                            .object([
                                ("stream", .string(name)), ("produced", .integer(shard.acknowledged)),
                                ("last_id", .optional(shard.lastID)),
                            ])
                        })
                ))
        }
        return .object(members)
    }
}
