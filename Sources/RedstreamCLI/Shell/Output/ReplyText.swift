import Redstream
import RedstreamConnection

/// The parts of replies that are text by themselves.
enum ReplyText {
    /// A reply that is no array as JSON; bytes that are no UTF-8 as `{"base64": …}`.
    static func json(scalar reply: RedisReply) -> JSONValue {
        switch reply.kind {
        case .null, .array: return .null
        case .integer: return .optional(reply.integer)
        case .error: return .object([("error", .optional(reply.string))])
        case .string, .status:
            let bytes = reply.bytes ?? []
            if let text = String(validating: bytes, as: UTF8.self) { return .string(text) }
            var encoded: [UInt8] = []
            Base64.append(bytes, to: &encoded)
            return .object([("base64", .string(String(decoding: encoded, as: UTF8.self)))])
        }
    }

    /// Commands whose reply is a text for people, with lines of its own.
    static func isReport(_ words: [String]) -> Bool {
        let name = words.prefix(2).map { $0.lowercased() }
        switch name.first {
        case "info", "lolwut": return true
        case "client": return ["list", "info"].contains(name.last)
        case "cluster": return ["info", "nodes"].contains(name.last)
        case "memory": return ["doctor", "malloc-stats"].contains(name.last)
        case "latency": return ["doctor", "graph"].contains(name.last)
        default: return false
        }
    }

    /// A report for a terminal: its lines, and no control characters but those.
    static func report(_ reply: RedisReply) -> [UInt8] {
        var text: [UInt8] = []
        for line in (reply.bytes ?? []).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            TerminalText.append(line.last == 13 ? line.dropLast() : line, to: &text)
            text.append(UInt8(ascii: "\n"))
        }
        while text.suffix(2) == [10, 10] { text.removeLast() }
        return text
    }
}
