/// The commands of a pipeline that a node has refused because another one serves their slot, in order.
struct RefusedCommands {
    let slot: ClusterSlot
    /// Where they are to be sent.
    private(set) var target: Redirection
    /// Their places in the pipeline.
    private(set) var places: [Int] = []

    /// What was refused, slot by slot; none where nothing was.
    ///
    /// A WAIT that stands behind a refused command belongs to it: it would speak for another node.
    ///
    /// - Parameters:
    ///   - replies: What was answered.
    ///   - commands: What was sent.
    ///   - asked: Who has answered.
    /// - Returns: The commands of each slot.
    static func all(
        in replies: RedisReplies, to commands: PipelineCommands, from asked: RedisConfiguration.Host
    ) -> [RefusedCommands] {
        guard replies.contains(where: \.isRedirection) else { return [] }
        var found: [RefusedCommands] = []
        var last: Int?
        for place in replies.indices {
            if let target = Redirection(replies[place], from: asked) {
                last = found.firstIndex { $0.slot == target.slot }
                if last == nil {
                    found.append(RefusedCommands(slot: target.slot, target: target))
                    last = found.count - 1
                }
            } else if last == nil || commands.name(of: place) != "WAIT" {
                continue
            }
            if let last { found[last].places.append(place) }
        }
        return found
    }

    private init(slot: ClusterSlot, target: Redirection) {
        self.slot = slot
        self.target = target
    }

    /// The first so many commands, each after an ASKING where it is to be served although its slot is not there yet.
    func pipeline(of commands: PipelineCommands, count: Int) -> RedisPipeline {
        var pipeline = RedisPipeline()
        for place in places.prefix(count) {
            if target.kind == .ask { pipeline.append("ASKING") }
            pipeline.append(encoded: commands.bytes(of: place))
        }
        return pipeline
    }

    /// Takes the answers to that pipeline.
    ///
    /// - Parameters:
    ///   - answers: The answers, those to ASKING among them.
    ///   - commands: What was sent at first.
    ///   - replies: Is given the answers of those that were carried out; they are refused no more.
    /// - Returns: Where the first of those that were refused again is to be sent; nil where none was.
    mutating func take(
        _ answers: RedisReplies, to commands: PipelineCommands, into replies: inout RedisReplies
    ) -> Redirection? {
        let own = target.kind == .ask ? stride(from: 1, to: answers.count, by: 2).map { answers[$0] } : Array(answers)
        let again = own.firstIndex { Redirection($0, from: target.host) != nil }
        let done = again ?? own.count
        replies = replies.replacing(Array(places.prefix(done)), with: Array(own.prefix(done)))
        // One that was carried out behind one that was not is sent again too: order is worth more than a second copy.
        places.removeFirst(done)
        guard let again, let next = Redirection(own[again], from: target.host) else { return nil }
        target = next
        return next
    }
}
