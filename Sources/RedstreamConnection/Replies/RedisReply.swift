/// A reply of the server, or one element of it: a view into shared storage, cheap to pass on.
public struct RedisReply: Sendable {
    /// The kinds of replies in RESP2.
    public enum Kind: Sendable {
        /// A bulk string: any bytes.
        case string
        /// A status line such as `OK`.
        case status
        /// An error line such as `WRONGTYPE …`.
        case error
        /// A signed 64-bit integer.
        case integer
        /// A list of replies.
        case array
        /// The absence of a value.
        case null
    }

    @usableFromInline let storage: ReplyStorage
    @usableFromInline let node: Int

    @inlinable
    init(storage: ReplyStorage, node: Int) {
        self.storage = storage
        self.node = node
    }

    /// The kind of this reply.
    public var kind: Kind {
        switch storage.nodes[node].kind {
        case .string: .string
        case .status: .status
        case .error: .error
        case .integer: .integer
        case .array: .array
        case .null: .null
        }
    }

    /// True if this is the absence of a value.
    public var isNull: Bool { storage.nodes[node].kind == .null }

    /// The integer, also where the server sent its digits as a string; nil for anything else.
    public var integer: Int? {
        let value = storage.nodes[node]
        switch value.kind {
        case .integer: return value.value
        case .string, .status: return string.flatMap { Int($0) }
        default: return nil
        }
    }

    /// The bytes of a string, status or error; nil for anything else.
    ///
    /// They share storage with the reply.
    public var bytes: ArraySlice<UInt8>? {
        let value = storage.nodes[node]
        switch value.kind {
        case .string, .status, .error: return storage.bytes[value.offset..<value.offset + value.value]
        default: return nil
        }
    }

    /// The text of a string, status or error, repaired where it is not UTF-8; nil for anything else.
    public var string: String? {
        bytes.map { String(decoding: $0, as: UTF8.self) }
    }

    /// The elements of an array; empty for anything else.
    public var elements: [RedisReply] {
        let value = storage.nodes[node]
        guard value.kind == .array else { return [] }
        var elements: [RedisReply] = []
        elements.reserveCapacity(value.value)
        var next = node + 1
        for _ in 0..<value.value {
            elements.append(RedisReply(storage: storage, node: next))
            next = storage.node(after: next)
        }
        return elements
    }

    /// The elements of an array, one after the other, without a list of them; none for anything else.
    package var elementSequence: Elements {
        let value = storage.nodes[node]
        return Elements(storage: storage, node: node + 1, count: value.kind == .array ? value.value : 0)
    }

    /// The elements of an array that are still to come.
    package struct Elements: Sequence, IteratorProtocol, Sendable {
        private let storage: ReplyStorage
        private var node: Int
        /// The number of replies that are to come.
        package private(set) var count: Int

        fileprivate init(storage: ReplyStorage, node: Int, count: Int) {
            self.storage = storage
            self.node = node
            self.count = count
        }

        package mutating func next() -> RedisReply? {
            guard count > 0 else { return nil }
            let element = RedisReply(storage: storage, node: node)
            count -= 1
            if count > 0 { node = storage.node(after: node) }
            return element
        }
    }

    /// The elements of an array that are names and values in turn, as HGETALL and XINFO send them.
    ///
    /// An element whose name is no text, and a last name without a value, are left out.
    public var pairs: [(name: String, value: RedisReply)] {
        let elements = elements
        return stride(from: 0, to: elements.count - 1, by: 2).compactMap { place in
            elements[place].string.map { ($0, elements[place + 1]) }
        }
    }

    /// The values of ``pairs`` by their names; of several values with one name the last.
    public var dictionary: [String: RedisReply] { Dictionary(pairs) { $1 } }

    /// The server's error as a typed value; nil if this reply is none.
    public var error: RedisError? {
        guard kind == .error, let text = string else { return nil }
        let full = Self.denialInScript(text) ?? Self.errorInScript(text) ?? Self.errorOfExec(text) ?? text
        return RedisError(server: Self.withoutTrail(full), address: storage.address)
    }

    /// Returns this reply, or throws the error that it is.
    @discardableResult
    public func get() throws(RedisError) -> RedisReply {
        if let error { throw error }
        return self
    }

    /// Returns an error without its tail: the place in our script, the arguments of a command, which may be payloads, or a
    /// lecture.
    static func withoutTrail(_ text: String) -> String {
        for trail in [" script: ", ", with args beginning with: ", ". Please also note"] {
            if let place = text.utf8.firstRange(of: trail.utf8) { return String(text[..<place.lowerBound]) }
        }
        return text
    }

    /// The error that a command in a script has met, out of what Redis 6.2 wraps around it: `ERR Error running script
    /// (call to f_…): @user_script:3: WRONGTYPE Operation …`, or `…: @user_script: 3: -READONLY You can't write …`.
    static func errorInScript(_ text: String) -> String? {
        guard text.utf8.starts(with: "ERR Error running script".utf8),
            let place = text.utf8.ranges(of: "@user_script:".utf8).last?.upperBound,
            let start = text.utf8[place...].firstRange(of: ": ".utf8)?.upperBound
        else { return nil }
        let error = text.utf8[start...].drop { $0 == UInt8(ascii: "-") }
        let code = error.prefix { $0 != UInt8(ascii: " ") }
        let isCode = code.count > 1 && code.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
        return isCode ? String(decoding: error, as: UTF8.self) : nil
    }

    /// The reason why EXEC itself was refused, out of `EXECABORT Transaction discarded because of: NOPERM …`.
    static func errorOfExec(_ text: String) -> String? {
        let start = "EXECABORT Transaction discarded because of: "
        guard text.utf8.starts(with: start.utf8) else { return nil }
        return String(decoding: text.utf8.dropFirst(start.utf8.count), as: UTF8.self)
    }

    /// The denial that a command in a script has met, with the code that it has outside of scripts.
    ///
    /// Until Redis 7.2 it comes as a plain `ERR`: `The user executing the script can't run this command …`, and on
    /// Valkey `ACL failure in script: User … has no permissions to run the 'set' command …`.
    static func denialInScript(_ text: String) -> String? {
        guard text.utf8.starts(with: "ERR ".utf8) else { return nil }
        for start in ["The user executing the script can't ", "ACL failure in script: "] {
            if let place = text.utf8.firstRange(of: start.utf8) { return "NOPERM \(text[place.lowerBound...])" }
        }
        return nil
    }
}
