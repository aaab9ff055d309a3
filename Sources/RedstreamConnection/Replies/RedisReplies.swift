/// The replies of one pipeline, in the order of its commands.
public struct RedisReplies: Sendable, RandomAccessCollection {
    private let storage: ReplyStorage
    private let roots: [Int]
    /// Replies of other servers, by their positions: those to commands that were redirected.
    private var redirected: [Int: RedisReply] = [:]

    init(storage: ReplyStorage, roots: [Int]) {
        self.storage = storage
        self.roots = roots
    }

    /// Always 0.
    public var startIndex: Int { 0 }
    /// The number of replies.
    public var endIndex: Int { roots.count }

    /// The reply to the command at `position` of the pipeline.
    public subscript(position: Int) -> RedisReply {
        if !redirected.isEmpty, let reply = redirected[position] { return reply }
        return RedisReply(storage: storage, node: roots[position])
    }

    /// Returns the replies to the first commands of the pipeline.
    package func first(_ count: Int) -> RedisReplies {
        var part = RedisReplies(storage: storage, roots: Array(roots.prefix(count)))
        part.redirected = redirected.filter { $0.key < count }
        return part
    }

    /// The first reply that is an error; nil if none is.
    ///
    /// Errors inside of an array (as EXEC answers) do not count.
    public var firstError: RedisReply? {
        guard redirected.isEmpty else { return first { $0.kind == .error } }
        // Without a value for each of the others.
        return roots.first { storage.nodes[$0].kind == .error }.map { RedisReply(storage: storage, node: $0) }
    }

    /// Returns the replies, or throws the first of them that is an error.
    @discardableResult
    public func get() throws(RedisError) -> RedisReplies {
        try firstError?.get()
        return self
    }

    /// Puts the replies of another server in the place of some, one for each position.
    mutating func replace(_ positions: some Sequence<Int>, with others: some Sequence<RedisReply>) {
        for (position, other) in zip(positions, others) { redirected[position] = other }
    }
}
