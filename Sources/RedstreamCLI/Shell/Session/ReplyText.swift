import RedisClient
import Redstream

/// Writes replies as redis-cli shows them: for eyes on a terminal, bare in a pipe.
enum ReplyText {
    /// The reply for eyes, with its line feed.
    static func formatted(_ reply: RedisReply) -> [UInt8] {
        var text: [UInt8] = []
        append(reply, indent: 0, to: &text)
        return text
    }

    /// The reply bare: one element a line.
    static func raw(_ reply: RedisReply) -> [UInt8] {
        var text: [UInt8] = []
        appendRaw(reply, to: &text)
        text.append(UInt8(ascii: "\n"))
        return text
    }

    /// The reply as JSON; bytes that are no UTF-8 as `{"base64": …}`.
    static func json(_ reply: RedisReply) -> JSONValue {
        switch reply.kind {
        case .null: return .null
        case .integer: return .optional(reply.integer)
        case .array: return .array(reply.elements.map(json))
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

    private static func append(_ reply: RedisReply, indent: Int, to text: inout [UInt8]) {
        switch reply.kind {
        case .null: text += Array("(nil)\n".utf8)
        case .integer: text += Array("(integer) \(reply.integer ?? 0)\n".utf8)
        case .status:
            TerminalText.append(reply.bytes ?? [], to: &text)
            text.append(10)
        case .error:
            text += Array("(error) ".utf8)
            TerminalText.append(reply.bytes ?? [], to: &text)
            text.append(10)
        case .string:
            appendQuoted(reply.bytes ?? [], to: &text)
            text.append(10)
        case .array: append(elements: reply.elements, indent: indent, to: &text)
        }
    }

    private static func append(elements: [RedisReply], indent: Int, to text: inout [UInt8]) {
        guard !elements.isEmpty else {
            text += Array("(empty array)\n".utf8)
            return
        }
        let width = String(elements.count).count
        for (index, element) in elements.enumerated() {
            let number = String(index + 1)
            if index > 0 { text += [UInt8](repeating: 32, count: indent) }
            text += [UInt8](repeating: 32, count: width - number.count)
            text += Array("\(number)) ".utf8)
            append(element, indent: indent + width + 2, to: &text)
        }
    }

    /// As sdscatrepr does: everything outside of printable ASCII is `\xHH`.
    static func appendQuoted(_ bytes: ArraySlice<UInt8>, to text: inout [UInt8]) {
        text.append(UInt8(ascii: "\""))
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
            case 10: text += Array(#"\n"#.utf8)
            case 13: text += Array(#"\r"#.utf8)
            case 9: text += Array(#"\t"#.utf8)
            case 7: text += Array(#"\a"#.utf8)
            case 8: text += Array(#"\b"#.utf8)
            case 0x20..<0x7F: text.append(byte)
            default:
                text += Array(#"\x"#.utf8)
                text.appendHexDigits(byte)
            }
        }
        text.append(UInt8(ascii: "\""))
    }

    private static func appendRaw(_ reply: RedisReply, to text: inout [UInt8]) {
        switch reply.kind {
        case .null: break
        case .integer: text += Array(String(reply.integer ?? 0).utf8)
        case .array:
            for (index, element) in reply.elements.enumerated() {
                if index > 0 { text.append(10) }
                appendRaw(element, to: &text)
            }
        case .string, .status, .error: text += reply.bytes ?? []
        }
    }
}
