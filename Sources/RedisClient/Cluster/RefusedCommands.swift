/// The commands of a pipeline that a node has refused because another one serves their slot, in order.
struct RefusedCommands {
    let slot: ClusterSlot
    /// Where they are to be sent.
    private(set) var target: Redirection
    /// Their places in the pipeline.
    private(set) var places: [Int] = []

    /// What was refused, slot by slot; none where nothing was.
    ///
    /// A WAIT that stands behind a refused command belongs to it: it would speak for another node. A command that was
    /// carried out behind a refused one of its slot leaves no choice but between the order and doing it twice: the node
    /// has come to serve the slot in the midst of them.
    ///
    /// - Parameters:
    ///   - replies: What was answered.
    ///   - commands: What was sent.
    ///   - asked: Who has answered.
    /// - Returns: The commands of each slot.
    /// - Throws: ``RedisError`` of kind `slotMoved` where the order is lost.
    static func all(
        in replies: RedisReplies, to commands: PipelineCommands, from asked: RedisConfiguration.Host
    ) throws(RedisError) -> [RefusedCommands] {
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
            } else if commands.name(of: place) != "WAIT" {
                let slot = commands.slot(of: place)
                if found.contains(where: { $0.slot == slot }) { throw Self.disorder(at: asked) }
                continue
            }
            if let last { found[last].places.append(place) }
        }
        return found
    }

    /// Whether nothing was refused, or all but WAIT, and by one slot: one WAIT can speak for all of it then, elsewhere.
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
    /// - Throws: ``RedisError`` of kind `slotMoved` where one behind it was carried out.
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
        replies = replies.replacing(Array(places.prefix(done)), with: Array(own.prefix(done)))
        places.removeFirst(done)
        guard let again, let next = Redirection(own[again], from: target.host) else { return nil }
        target = next
        return next
    }
}
