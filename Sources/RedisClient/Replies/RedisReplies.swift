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
}
