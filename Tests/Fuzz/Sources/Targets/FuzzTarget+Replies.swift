import CHiredis

@testable import Redstream
@testable import RedstreamConnection

extension FuzzTarget {
    /// Bytes as they come from a socket, in pieces of any size: replies, entries, messages, errors.
    static let replies = FuzzTarget(name: "replies") { input in
        var input = input
        let chunks = input.takeChunks()
        let whole = [UnsafeBufferPointer(rebasing: input.bytes[...])]
        let inPieces = ParsedReplies(chunks)
        require(inPieces == ParsedReplies(whole), "how bytes are cut makes no difference to the replies")
    }
}

/// The content of the replies in some bytes.
private struct ParsedReplies: Equatable {
    private let texts: [String]
    private let isViolation: Bool

    init(_ chunks: [UnsafeBufferPointer<UInt8>]) {
        let (replies, isViolation) = parseReplies(chunks)
        self.isViolation = isViolation
        texts = replies.map { $0.read() }
        let firstError = replies.first { $0.kind == .error }
        require(replies.firstError?.node == firstError?.node, "the first error is found")
    }
}

/// The complete replies in some bytes, and whether something else has ended them.
func parseReplies(_ chunks: [UnsafeBufferPointer<UInt8>]) -> (replies: RedisReplies, isViolation: Bool) {
    guard let reader = redisReaderCreate() else { preconditionFailure("out of memory") }
    let parser = ReplyParser(reader, address: "server")
    defer { withExtendedLifetime(parser) { redisReaderFree(reader) } }
    var isViolation = false
    do throws(RedisError) {
        for chunk in chunks {
            try parser.feed(UnsafeRawBufferPointer(chunk))
            while try parser.parseOne() {}
        }
    } catch {
        require(error.kind == .protocolViolation, "bytes that are no replies are a protocol violation")
        isViolation = true
    }
    let replies = parser.take()
    require(parser.take().isEmpty, "replies are taken once")
    return (replies, isViolation)
}

extension RedisReply {
    /// Reads a reply in every way in which commands read one.
    fileprivate func read() -> String {
        if kind == .error {
            guard let error, let code = error.code else {
                preconditionFailure("an error reply is an error with a code")
            }
            require(!code.contains(" ") && error.reason.hasPrefix(code), "the code is the first word")
        } else {
            require(error == nil, "other replies are no error")
        }
        _ = SentinelAnswer.best(of: [SentinelAnswer(self)])
        compare(StreamEntries(range: self), with: self)
        compare(StreamEntries(read: self), with: elements.first?.elements.dropFirst().first)
        return text
    }

    private var text: String {
        "\(kind) \(integer.map { String($0) } ?? "") \(bytes.map { String(describing: Array($0)) } ?? "") "
            + "[\(elements.map(\.text).joined(separator: ","))]"
    }

    /// Entries that are read without a tree are those that the tree holds.
    private func compare(_ entries: StreamEntries, with list: RedisReply?) {
        guard !entries.isEmpty else { return }
        let expected = (list?.elements ?? []).map { ($0.elements[0], $0.elements[1].elements) }
        require(entries.count == expected.count, "every entry is found")
        for (entry, (id, fields)) in zip(entries, expected) {
            require(entry.id == id.bytes, "the id is the entry's")
            require(entry.fieldElementCount == fields.count, "every name and value is found")
            for (place, field) in fields.enumerated() {
                require(entry.fieldElement(place) == field.bytes, "names and values are in order")
            }
            guard let message = Message(entry) else { continue }
            require(message.fields.count * 2 == fields.count, "a message has every field")
            _ = message.payload
        }
    }
}
