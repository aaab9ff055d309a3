import Redstream

/// The change that a seek made, or would make, for people and for programs.
struct SeekReportText {
    let result: SeekResult
    let consumer: ConsumerName
    let undo: String
    let isDryRun: Bool

    init(_ result: SeekResult, consumer: ConsumerName, undo: String, isDryRun: Bool) {
        self.result = result
        self.consumer = consumer
        self.undo = undo
        self.isDryRun = isDryRun
    }

    /// The change in one line.
    var line: String {
        let prior = result.prior?.description ?? "none (a new consumer)"
        let name = "\(NameText.shown(consumer.stream)), \(NameText.shown(consumer.name))"
        let verb = isDryRun ? "would move" : "moved"
        let effect =
            if result.redelivered > 0 {
                isDryRun
                    ? "\(result.redelivered.counted("entry", "entries")) would be delivered again"
                    : "\(result.redelivered.counted("entry is", "entries are")) delivered again"
            } else if result.skipped > 0 {
                isDryRun
                    ? "\(result.skipped.counted("entry", "entries")) would be skipped"
                    : "\(result.skipped.counted("entry is", "entries are")) skipped"
            } else {
                "no entries lie between"
            }
        return "\(name): \(verb) from \(prior) to \(result.offset): \(effect)"
    }

    /// One document.
    var json: JSONValue {
        .object([
            ("stream", .string(consumer.stream)), ("consumer", .string(consumer.name)),
            ("dry_run", .bool(isDryRun)),
            ("prior", .optional(result.prior)), ("offset", .optional(result.offset)),
            ("redelivered", .integer(result.redelivered)), ("skipped", .integer(result.skipped)),
            ("undo", isDryRun ? .null : .string(undo)),
        ])
    }
}
