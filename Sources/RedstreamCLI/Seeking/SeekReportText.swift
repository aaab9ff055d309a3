import Redstream

/// What a seek did, or would do, for people and for programs.
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

    /// What changes, and the command that undoes it.
    var text: String {
        let prior = result.prior?.description ?? "none"
        let name = TerminalText.escaped("\(consumer.stream), \(consumer.name)")
        let verb = isDryRun ? "would move" : "moved"
        let effect =
            if result.redelivered > 0 {
                "\(result.redelivered) entries \(isDryRun ? "would be" : "are") delivered again"
            } else if result.skipped > 0 {
                "\(result.skipped) entries \(isDryRun ? "would be" : "are") skipped"
            } else {
                "no entries lie between"
            }
        let line = "\(name): \(verb) from \(prior) to \(result.offset): \(effect)"
        return isDryRun ? line : line + "\nundo: \(undo)"
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
