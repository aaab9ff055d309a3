/// The commands of a pipeline that a node has redirected because another one serves their slot, in order.
struct RedirectedCommands {
    let slot: ClusterSlot
    /// The node that serves them.
    private(set) var target: Redirection
    /// Their positions in the pipeline.
    private(set) var places: [Int] = []

    /// Returns the redirected commands, slot by slot.
    ///
    /// A WAIT behind a redirected command is redirected with it, since it would speak for another node. If the node ran a
    /// later command of the same slot after redirecting an earlier one, it has begun to serve the slot in between: sending
    /// the earlier one on would change the order, and sending both would repeat one.
    ///
    /// - Parameters:
    ///   - replies: The replies to a pipeline.
    ///   - commands: The pipeline.
    ///   - asked: The node that has answered.
    /// - Returns: The commands of each slot.
    /// - Throws: ``RedisError`` of kind `slotMoved` if the order is lost.
    static func all(
        in replies: RedisReplies, to commands: PipelineCommands, from asked: RedisConfiguration.Host
    ) throws(RedisError) -> [RedirectedCommands] {
        guard replies.contains(where: \.isRedirection) else { return [] }
        var found: [RedirectedCommands] = []
        var last: Int?
        for place in replies.indices {
            if let target = Redirection(replies[place], from: asked) {
                last = found.firstIndex { $0.slot == target.slot }
                if last == nil {
                    found.append(RedirectedCommands(slot: target.slot, target: target))
                    last = found.count - 1
                }
            } else if commands.name(of: place) != "WAIT" {
                let slot = commands.slot(of: place)
                if found.contains(where: { $0.slot == slot }) { throw Self.disorder(at: asked) }
                continue
            }
            if let last { found[last].places.append(place) }
        }
        return found
    }

    /// Returns true if nothing was redirected, or everything but WAIT, and for one slot: one WAIT can speak for all of it then.
    static func areAllOfOneSlot(
        in replies: RedisReplies, to commands: PipelineCommands, from asked: RedisConfiguration.Host
    ) -> Bool {
        let targets = replies.indices.filter { commands.name(of: $0) != "WAIT" }
            .map { Redirection(replies[$0], from: asked)?.slot }
        return Set(targets).count <= 1
    }

    private static func disorder(at host: RedisConfiguration.Host) -> RedisError {
        RedisError(.slotMoved, address: host.description, cause: .slotMoved(.orderLost))
    }

    private init(slot: ClusterSlot, target: Redirection) {
        self.slot = slot
        self.target = target
    }

    /// Returns the first commands, each behind an ASKING if the slot is only on its way to the node.
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
    ///   - commands: The first pipeline.
    ///   - replies: The replies to it, which are given the answers of the commands that were carried out.
    /// - Returns: The node of the first command that was redirected again; nil if none was.
    /// - Throws: ``RedisError`` of kind `slotMoved` if a command behind it was carried out.
    mutating func take(
        _ answers: RedisReplies, to commands: PipelineCommands, into replies: inout RedisReplies
    ) throws(RedisError) -> Redirection? {
        let own = target.kind == .ask ? stride(from: 1, to: answers.count, by: 2).map { answers[$0] } : Array(answers)
        let again = own.firstIndex { Redirection($0, from: target.host) != nil }
        let done = again ?? own.count
        let isOrderLost = zip(places, own).dropFirst(done).contains { place, answer in
            !answer.isRedirection && commands.name(of: place) != "WAIT"
        }
        if isOrderLost { throw Self.disorder(at: target.host) }
        replies.replace(places.prefix(done), with: own.prefix(done))
        places.removeFirst(done)
        guard let again, let next = Redirection(own[again], from: target.host) else { return nil }
        target = next
        return next
    }
}
