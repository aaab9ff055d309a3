/// The replies of one pipeline, in the order of its commands.
public struct RedisReplies: Sendable, RandomAccessCollection {
    let storage: ReplyStorage
    let roots: [Int]

    /// Always 0.
    public var startIndex: Int { 0 }
    /// The number of replies.
    public var endIndex: Int { roots.count }

    /// The reply to the command at `position` of the pipeline.
    public subscript(position: Int) -> RedisReply {
        RedisReply(storage: storage, node: roots[position])
    }

    /// The first reply that is an error, or nil.
    ///
    /// Errors inside of an array (as EXEC answers) do not count.
    public var firstError: RedisReply? {
        for root in roots where storage.nodes[root].kind == .error {
            return RedisReply(storage: storage, node: root)
        }
        return nil
    }

    /// The same with some replies exchanged for those of another pipeline, one for each place.
    func replacing(_ places: [Int], with others: [RedisReply]) -> RedisReplies {
        guard let source = others.first?.storage else { return self }
        let shift = storage.bytes.count
        let first = storage.nodes.count
        let nodes = source.nodes.map { node in
            ReplyNode(kind: node.kind, offset: node.offset + shift, value: node.value)
        }
        var roots = roots
        for (place, other) in zip(places, others) { roots[place] = first + other.node }
        return RedisReplies(
            storage: ReplyStorage(bytes: storage.bytes + source.bytes, nodes: storage.nodes + nodes), roots: roots)
    }
}
