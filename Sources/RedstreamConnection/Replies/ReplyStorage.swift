/// One node of a reply in the order in which the server sent it: a parent stands right before its children.
@frozen
@usableFromInline
struct ReplyNode: Sendable {
    @usableFromInline
    enum Kind: UInt8, Sendable {
        case string
        case status
        case error
        case integer
        case array
        case null
    }

    @usableFromInline let kind: Kind
    /// The start of a string's bytes in the storage.
    @usableFromInline let offset: Int
    /// The bytes of a string, the elements of an array, or the integer itself.
    @usableFromInline let value: Int

    @inlinable
    init(kind: Kind, offset: Int, value: Int) {
        self.kind = kind
        self.offset = offset
        self.value = value
    }
}

/// Holds the replies of one pipeline: every byte in one array, every value in another.
///
/// hiredis would build a tree with an allocation for each value; a thousand entries are five thousand of them.
/// Two flat arrays are filled instead, and decoded values keep slices of the first.
@usableFromInline
final class ReplyStorage: Sendable {
    /// The server that has answered.
    let address: String
    @usableFromInline let bytes: [UInt8]
    @usableFromInline let nodes: [ReplyNode]

    init(address: String, bytes: [UInt8], nodes: [ReplyNode]) {
        self.address = address
        self.bytes = bytes
        self.nodes = nodes
    }

    /// The node that follows a node and everything below it.
    @usableFromInline
    func node(after index: Int) -> Int {
        var next = index
        var pending = 1
        while pending > 0 {
            let node = nodes[next]
            pending += (node.kind == .array ? node.value : 0) - 1
            next += 1
        }
        return next
    }
}
