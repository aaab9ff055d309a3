import CHiredis

/// Collects the values that hiredis parses, in order, until a whole pipeline has been answered.
struct ReplyTape {
    var bytes: [UInt8] = []
    var nodes: [ReplyNode] = []
    /// The first node of each complete reply.
    var roots: [Int] = []
    /// The number of values that the present reply still lacks, by the lengths of its arrays.
    var missingNodes = 0

    /// Hands out the replies of a server that were collected, and starts anew with room for as much again.
    mutating func take(from address: String) -> RedisReplies {
        let storage = ReplyStorage(address: address, bytes: bytes, nodes: nodes)
        let taken = RedisReplies(storage: storage, roots: roots)
        let next = ReplyTape(reserving: self)
        self = next
        return taken
    }

    /// Adds a value, which has that many elements below it.
    fileprivate mutating func append(_ node: ReplyNode, elements: Int = 0) {
        nodes.append(node)
        missingNodes += elements - 1
    }

    init() {}

    private init(reserving last: ReplyTape) {
        // A service reads batches of one size for hours; growing afresh for each would copy every byte again.
        bytes.reserveCapacity(min(last.bytes.count + last.bytes.count / 8, 4 << 20))
        nodes.reserveCapacity(min(last.nodes.count + last.nodes.count / 8, 1 << 17))
        roots.reserveCapacity(min(last.roots.count, 1 << 14))
    }
}

extension ReplyTape {
    /// The callbacks by which hiredis hands over values; the tape is the reader's private data.
    ///
    /// The same closures fit hiredis 0.14 and 1.x, although these count array elements with different types.
    static func makeCallbacks() -> UnsafeMutablePointer<redisReplyObjectFunctions> {
        var functions = redisReplyObjectFunctions()
        functions.createString = { task, text, length in
            guard let task, let tape = tape(of: task) else { return nil }
            let kind: ReplyNode.Kind =
                switch task.pointee.type {
                case REDIS_REPLY_ERROR: .error
                case REDIS_REPLY_STATUS: .status
                default: .string
                }
            tape.pointee.append(ReplyNode(kind: kind, offset: tape.pointee.bytes.count, value: length))
            tape.pointee.bytes.append(contentsOf: UnsafeRawBufferPointer(start: text, count: length))
            return UnsafeMutableRawPointer(tape)
        }
        functions.createArray = { task, count in
            guard let task, let tape = tape(of: task) else { return nil }
            tape.pointee.append(ReplyNode(kind: .array, offset: 0, value: Int(count)), elements: Int(count))
            return UnsafeMutableRawPointer(tape)
        }
        functions.createInteger = { task, value in
            guard let task, let tape = tape(of: task) else { return nil }
            tape.pointee.append(ReplyNode(kind: .integer, offset: 0, value: Int(value)))
            return UnsafeMutableRawPointer(tape)
        }
        functions.createNil = { task in
            guard let task, let tape = tape(of: task) else { return nil }
            tape.pointee.append(ReplyNode(kind: .null, offset: 0, value: 0))
            return UnsafeMutableRawPointer(tape)
        }
        // A reply is no object of its own here, so there is nothing to free when hiredis gives one up.
        functions.freeObject = { _ in }
        let pointer = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
        pointer.initialize(to: functions)
        return pointer
    }
}

private func tape(of task: UnsafePointer<redisReadTask>) -> UnsafeMutablePointer<ReplyTape>? {
    task.pointee.privdata?.assumingMemoryBound(to: ReplyTape.self)
}
