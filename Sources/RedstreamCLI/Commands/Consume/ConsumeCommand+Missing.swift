import Redstream

extension ConsumeCommand {
    /// Says that the stream, or all of its shards, do not exist, and what may have been meant.
    func noteMissingStream(isOver: Bool, _ client: StreamClient, in context: CommandContext) async {
        let what = "there is no \(shards == nil ? "stream" : "shard of") \(stream)"
        let advice = await NameAdvice(client).onStream(stream).map { " (\($0))" } ?? ""
        context.console.note(what + (isOver ? "" : " yet: waiting for its first entry") + advice)
    }
}
