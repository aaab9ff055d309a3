import Redstream

/// The report of `produce` at its end, however it came about.
struct ProduceOutcome: Sendable {
    let target: ProduceTarget
    var tally = ProducePipeline.Tally()
    var skipped = 0
    /// True if nothing of the input was left.
    var hasTakenAll = false
    /// True if the target did not exist before.
    var isOfNewStreams = false
    /// The error that ended it; nil for none.
    var error: (any Error)?

    /// Says that the target did not exist before, since its name may be a mistake.
    func noteIfNew(_ client: StreamClient, in context: CommandContext) async {
        guard isOfNewStreams else { return }
        // A delay stream comes with the first delay message; the stream itself has been there.
        if target.isDelayed {
            for stream in target.streams where (try? await client.lastID(of: stream)) != nil { return }
        }
        let advice = await NameAdvice(client).onNewStream(target.stream, target.sharding)
        let what = target.sharding == nil ? "a new stream" : "new streams"
        context.console.note("\(target.name): \(what)", advice: advice)
    }

    /// True if nothing was written, and nothing skipped.
    var isEmpty: Bool { tally.acknowledged == 0 && tally.possiblyDoubled == 0 && skipped == 0 }

    /// One line for people.
    var text: String {
        let count = tally.acknowledged
        var text = "produced \(count.counted("message", "messages")) to \(target.name)"
        if let last = tally.lastID { text += target.sharding == nil ? ", last id \(last)" : ", \(spread)" }
        if tally.possiblyDoubled > 0 { text += ", \(tally.possiblyDoubled.grouped) of them possibly doubled" }
        if skipped > 0 { text += ", \(skipped.counted("line", "lines")) skipped" }
        return text
    }

    /// The smallest and the largest number of messages of a shard: `238 to 261 each`.
    private var spread: String {
        let counts = tally.targets.map(\.acknowledged)
        guard let least = counts.min(), let most = counts.max() else { return "\(tally.acknowledged.grouped) each" }
        return least == most ? "\(least.grouped) each" : "\(least.grouped) to \(most.grouped) each"
    }

    /// One document for programs.
    ///
    /// With shards, the last id is that of each shard.
    var json: JSONValue { .object(members) }

    /// The members of the document.
    var members: [(key: String, value: JSONValue)] {
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
        return members
    }
}
