import Redstream
import RedstreamConnection

/// A reply as text, in pieces, so that the whole text is never in memory beside the reply.
///
/// It is a value: a copy begins where the original was, and the first one made can be shown again from its beginning.
struct ReplyPieces: TextPieces {
    /// The form of the text.
    enum Style: Sendable, Equatable {
        /// For eyes, as redis-cli shows replies on a terminal.
        case formatted(ReplyEncoding)
        /// Bare: one element a line.
        case raw
        case json
    }

    /// An array whose elements are being written.
    private struct Frame {
        var elements: RedisReply.Elements
        /// The number of elements that were written.
        var count = 0
        /// The width of the numbers before elements, and the column in which they stand.
        var width = 0
        var indent = 0
    }

    /// The part of a string that is still to be written.
    private struct Rest {
        let bytes: ArraySlice<UInt8>
        var position: Int
        var quoting: QuotedText?
    }

    /// The size from which on a piece is handed out.
    private static let size = 32 << 10

    private let style: Style
    private var first: RedisReply?
    private var frames: [Frame] = []
    private var rest: Rest?

    init(_ reply: RedisReply, _ style: Style) {
        first = reply
        self.style = style
    }

    /// The next piece, which is not empty; nil at the end.
    mutating func next() -> [UInt8]? {
        var piece: [UInt8] = []
        piece.reserveCapacity(Self.size + 1024)
        if let reply = first.take() {
            write(reply, indent: 0, to: &piece)
            if frames.isEmpty, rest == nil { endLine(&piece) }
        }
        while piece.count < Self.size, rest != nil || !frames.isEmpty { step(&piece) }
        return piece.isEmpty ? nil : piece
    }

    /// Ends the text, which is a line in every style; formatted scalars have ended theirs.
    private func endLine(_ piece: inout [UInt8]) {
        if case .formatted = style { return }
        piece.append(UInt8(ascii: "\n"))
    }

    private mutating func step(_ piece: inout [UInt8]) {
        if rest != nil {
            writeRest(&piece)
        } else if let element = frames[frames.count - 1].elements.next() {
            let frame = frames[frames.count - 1]
            frames[frames.count - 1].count += 1
            begin(frame, &piece)
            write(element, indent: frame.indent + frame.width + 2, to: &piece)
            return
        } else {
            frames.removeLast()
            if style == .json { piece.append(UInt8(ascii: "]")) }
        }
        if rest == nil, frames.isEmpty { endLine(&piece) }
    }

    /// Writes the separator or the number before an element.
    private func begin(_ frame: Frame, _ piece: inout [UInt8]) {
        switch style {
        case .raw: if frame.count > 0 { piece.append(UInt8(ascii: "\n")) }
        case .json: if frame.count > 0 { piece.append(UInt8(ascii: ",")) }
        case .formatted:
            let number = String(frame.count + 1)
            let column = frame.count > 0 ? frame.indent : 0
            piece += repeatElement(UInt8(ascii: " "), count: column + frame.width - number.utf8.count)
            piece += number.utf8
            piece += ") ".utf8
        }
    }

    /// Writes a reply, or begins to.
    private mutating func write(_ reply: RedisReply, indent: Int, to piece: inout [UInt8]) {
        switch style {
        case .formatted(let encoding): format(reply, encoding, indent: indent, to: &piece)
        case .raw: writeRaw(reply, to: &piece)
        case .json: writeJSON(reply, to: &piece)
        }
    }

    private mutating func format(
        _ reply: RedisReply, _ encoding: ReplyEncoding, indent: Int, to piece: inout [UInt8]
    ) {
        switch reply.kind {
        case .null: piece += "(nil)\n".utf8
        case .integer: piece += "(integer) \(reply.integer ?? 0)\n".utf8
        case .status, .error:
            if reply.kind == .error { piece += "(error) ".utf8 }
            TerminalText.append(reply.bytes ?? [], to: &piece)
            piece.append(UInt8(ascii: "\n"))
        case .string:
            piece.append(UInt8(ascii: "\""))
            let bytes = reply.bytes ?? []
            rest = Rest(bytes: bytes, position: bytes.startIndex, quoting: QuotedText(encoding))
        case .array:
            let elements = reply.elementSequence
            guard elements.count > 0 else {
                piece += "(empty array)\n".utf8
                return
            }
            frames.append(Frame(elements: elements, width: String(elements.count).utf8.count, indent: indent))
        }
    }

    private mutating func writeRaw(_ reply: RedisReply, to piece: inout [UInt8]) {
        switch reply.kind {
        case .null: break
        case .integer: piece += String(reply.integer ?? 0).utf8
        case .array: frames.append(Frame(elements: reply.elementSequence))
        case .string, .status, .error:
            let bytes = reply.bytes ?? []
            rest = Rest(bytes: bytes, position: bytes.startIndex)
        }
    }

    private mutating func writeJSON(_ reply: RedisReply, to piece: inout [UInt8]) {
        guard reply.kind == .array else {
            piece += ReplyText.json(scalar: reply).text.utf8
            return
        }
        piece.append(UInt8(ascii: "["))
        frames.append(Frame(elements: reply.elementSequence))
    }

    private mutating func writeRest(_ piece: inout [UInt8]) {
        guard var part = rest else { return }
        let end = min(part.position + Self.size, part.bytes.endIndex)
        if part.quoting != nil {
            part.position = part.quoting?.append(part.bytes, from: part.position, to: end, into: &piece) ?? end
        } else {
            piece += part.bytes[part.position..<end]
            part.position = end
        }
        rest = part.position < part.bytes.endIndex ? part : nil
        if rest == nil, part.quoting != nil { piece += "\"\n".utf8 }
    }
}

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

    /// Returns whether the reply to a command is a report with lines of its own.
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
