/// The entries of a stream as XRANGE, XREVRANGE and XREAD send them, read without building a tree.
///
/// Every entry shares the bytes of the reply it came in; keeping one entry keeps them all.
public struct StreamEntries: Sendable {
    let storage: ReplyStorage
    /// For each entry the node of its id.
    let entries: [Int]

    /// Reads the reply of XRANGE or XREVRANGE; empty for anything else.
    public init(range reply: RedisReply) {
        self.init(storage: reply.storage, list: reply.node)
    }

    /// Reads the reply of XREAD over one stream; empty for a nil reply, and for anything else.
    public init(read reply: RedisReply) {
        self.init(storage: reply.storage, list: Self.list(ofRead: reply))
    }

    /// The list of entries in `[[key, [entry, …]]]`; nil where the reply is none such.
    private static func list(ofRead reply: RedisReply) -> Int? {
        let nodes = reply.storage.nodes
        let (stream, key) = (reply.node + 1, reply.node + 2)
        guard nodes[reply.node].kind == .array, nodes[reply.node].value > 0, nodes[stream].kind == .array,
            nodes[stream].value == 2, nodes[key].kind == .string
        else { return nil }
        return key + 1
    }

    private init(storage: ReplyStorage, list: Int?) {
        self.storage = storage
        entries = storage.nodes.withUnsafeBufferPointer { nodes in
            list.flatMap { Self.entries(in: nodes, list: $0) } ?? []
        }
    }

    /// The places of all ids in a list; nil where anything in it is no entry.
    ///
    /// A server that is broken or hostile sends what it likes, and every place found here is read without asking.
    private static func entries(in nodes: UnsafeBufferPointer<ReplyNode>, list: Int) -> [Int]? {
        guard nodes[list].kind == .array else { return nil }
        var entries: [Int] = []
        entries.reserveCapacity(nodes[list].value)
        var next = list + 1
        for _ in 0..<nodes[list].value {
            // [id, [name, value, …]], or [id, nil].
            guard nodes[next].kind == .array, nodes[next].value == 2, nodes[next + 1].kind == .string else {
                return nil
            }
            entries.append(next + 1)
            let fields = nodes[next + 2]
            next += 3
            switch fields.kind {
            case .null: continue
            case .array where fields.value.isMultiple(of: 2):
                let end = next + fields.value
                while next < end {
                    guard next < nodes.count, nodes[next].kind == .string else { return nil }
                    next += 1
                }
            default: return nil
            }
        }
        return entries
    }
}

extension StreamEntries: RandomAccessCollection {
    /// One entry: its id as text, and its fields as alternating names and values.
    public struct Entry: Sendable {
        let storage: ReplyStorage
        let node: Int

        /// The id as the server wrote it.
        public var id: ArraySlice<UInt8> { bytes(of: node) }
        /// The number of names and values together.
        public var fieldElementCount: Int { storage.nodes[node + 1].value }

        /// A name (even positions) or a value (odd positions).
        public func fieldElement(_ position: Int) -> ArraySlice<UInt8> {
            precondition(position < fieldElementCount, "an entry has \(fieldElementCount) field elements")
            return bytes(of: node + 2 + position)
        }

        private func bytes(of node: Int) -> ArraySlice<UInt8> {
            let value = storage.nodes[node]
            return storage.bytes[value.offset..<value.offset + value.value]
        }
    }

    /// Always 0.
    public var startIndex: Int { 0 }
    /// The number of entries.
    public var endIndex: Int { entries.count }

    /// The entry at a position, in the order of the reply.
    public subscript(position: Int) -> Entry {
        Entry(storage: storage, node: entries[position])
    }
}
