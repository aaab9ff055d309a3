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

    /// Reads the reply of XREAD over one stream; empty for a nil reply.
    public init(read reply: RedisReply) {
        let nodes = reply.storage.nodes
        // [[key, [entry, …]]]: the list of entries is the third node below the reply.
        guard nodes[reply.node].kind == .array, nodes[reply.node].value > 0 else {
            self.init(storage: reply.storage, entries: [])
            return
        }
        self.init(storage: reply.storage, list: reply.node + 3)
    }

    private init(storage: ReplyStorage, entries: [Int]) {
        self.storage = storage
        self.entries = entries
    }

    private init(storage: ReplyStorage, list: Int) {
        var entries: [Int] = []
        storage.nodes.withUnsafeBufferPointer { nodes in
            guard nodes[list].kind == .array else { return }
            entries.reserveCapacity(nodes[list].value)
            var next = list + 1
            for _ in 0..<nodes[list].value {
                // [id, [name, value, …]]
                entries.append(next + 1)
                next += nodes[next + 2].kind == .array ? 3 + nodes[next + 2].value : 3
            }
        }
        self.init(storage: storage, entries: entries)
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
