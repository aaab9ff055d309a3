/// The commands of a pipeline that were all sent on to the same node, in order.
struct RedirectedPart {
    let host: RedisConfiguration.Host
    let kind: Redirection.Kind
    private(set) var places: [Int] = []
    private(set) var redirections: [Redirection] = []

    /// What was refused, by the node that it was sent on to; none where nothing was.
    ///
    /// - Parameters:
    ///   - replies: What was answered.
    ///   - commands: What was sent.
    ///   - asker: Who has answered the command at a place.
    /// - Returns: The parts.
    static func parts(
        of replies: RedisReplies, to commands: PipelineCommands, askedAt asker: (Int) -> RedisConfiguration.Host
    ) -> [RedirectedPart] {
        guard replies.contains(where: \.isRedirection) else { return [] }
        var parts: [RedirectedPart] = []
        var last: Int?
        for place in replies.indices {
            if let redirection = Redirection(replies[place], from: asker(place)) {
                let part = parts.firstIndex { $0.host == redirection.host && $0.kind == redirection.kind }
                if part == nil { parts.append(RedirectedPart(host: redirection.host, kind: redirection.kind)) }
                last = part ?? parts.count - 1
                parts[part ?? parts.count - 1].redirections.append(redirection)
            } else if last == nil || commands.name(of: place) != "WAIT" {
                continue
            }
            if let last { parts[last].places.append(place) }
        }
        return parts
    }

    /// The commands to send, each after an ASKING where it is to be served although its slot is not there yet.
    func pipeline(of commands: PipelineCommands) -> RedisPipeline {
        var pipeline = RedisPipeline()
        for place in places {
            if kind == .ask { pipeline.append("ASKING") }
            pipeline.append(encoded: commands.bytes(of: place))
        }
        return pipeline
    }

    /// The answers to the commands, without those to ASKING.
    func replies(in answers: RedisReplies) -> [RedisReply] {
        kind == .ask ? stride(from: 1, to: answers.count, by: 2).map { answers[$0] } : Array(answers)
    }
}
