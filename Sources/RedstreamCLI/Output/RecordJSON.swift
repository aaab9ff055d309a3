import FoundationEssentials
import Redstream

/// Writes the entries of one stream as JSON, one line each.
///
/// An entry whose only field is `payload` becomes `{"id":…,"stream":…,"payload":…}`, the payload byte for
/// byte, if that is JSON without control characters and without blanks around it. Any other entry becomes
/// `{"id":…,"stream":…,"fields":[[name,value],…]}`; a name or a value that is not UTF-8 is written as
/// `{"base64":…}`.
///
/// With `payloadAsString`, for tools that round large numbers, a payload that is JSON becomes the text of a
/// JSON string. It stands under another key then, `payload_text`: a reader could not tell the payload `"1"`,
/// a string, from the payload `1` written as one.
///
/// ``RecordLineParser`` restores every entry from its line, whatever was done to the line's blanks, key order
/// and escapes.
struct RecordJSON: Sendable {
    private let payloadAsString: Bool
    /// The text between the id and the content: `","stream":"…",`.
    private let stream: [UInt8]

    /// Prepares to write the entries of a stream.
    init(stream: String, payloadAsString: Bool = false) {
        self.payloadAsString = payloadAsString
        var text = Array(#"","stream":"#.utf8)
        text.appendJSONString(stream)
        text.append(UInt8(ascii: ","))
        self.stream = text
    }

    /// Appends the line of a message, with its line feed.
    func append(_ message: Message, to lines: inout [UInt8]) {
        lines.append(contentsOf: Self.opening)
        lines.append(message.id)
        lines.append(contentsOf: stream)
        if !appendPayload(of: message, to: &lines) { appendFields(of: message, to: &lines) }
        lines.append(UInt8(ascii: "}"))
        lines.append(UInt8(ascii: "\n"))
    }

    private static let payloadName = Array(RecordKey.payload.utf8)[...]
    private static let opening = Array(#"{"id":""#.utf8)
    private static let payload = Array(#""payload":"#.utf8)
    private static let payloadText = Array(#""payload_text":"#.utf8)
    private static let fields = Array(#""fields":["#.utf8)
    private static let base64 = Array(#"{"base64":""#.utf8)

    /// Appends the payload if the entry is nothing else and the payload is fit for it.
    private func appendPayload(of message: Message, to lines: inout [UInt8]) -> Bool {
        guard message.fieldCount == 1 else { return false }
        let field = message.field(at: 0)
        guard field.name == Self.payloadName else { return false }
        guard (try? JSONText.check(field.value)) != nil else { return false }
        if payloadAsString {
            lines.append(contentsOf: Self.payloadText)
            return lines.appendJSONString(field.value)
        }
        guard !JSONText.hasControlCharacters(field.value), field.value.first != UInt8(ascii: " "),
            field.value.last != UInt8(ascii: " ")
        else { return false }
        lines.append(contentsOf: Self.payload)
        lines.append(contentsOf: field.value)
        return true
    }

    private func appendFields(of message: Message, to lines: inout [UInt8]) {
        lines.append(contentsOf: Self.fields)
        for position in 0..<message.fieldCount {
            if position > 0 { lines.append(UInt8(ascii: ",")) }
            let field = message.field(at: position)
            lines.append(UInt8(ascii: "["))
            append(field.name, to: &lines)
            lines.append(UInt8(ascii: ","))
            append(field.value, to: &lines)
            lines.append(UInt8(ascii: "]"))
        }
        lines.append(UInt8(ascii: "]"))
    }

    private func append(_ bytes: ArraySlice<UInt8>, to lines: inout [UInt8]) {
        if lines.appendJSONString(bytes) { return }
        lines.append(contentsOf: Self.base64)
        Base64.append(bytes, to: &lines)
        lines.append(UInt8(ascii: "\""))
        lines.append(UInt8(ascii: "}"))
    }
}

/// The keys of a record.
enum RecordKey {
    static let id = "id"
    static let stream = "stream"
    static let payload = "payload"
    static let payloadText = "payload_text"
    static let fields = "fields"
    static let base64 = "base64"
}

/// Base64 as RFC 4648 defines it, with padding: how records carry bytes that are no text.
enum Base64 {
    /// Appends bytes as Base64.
    static func append(_ bytes: ArraySlice<UInt8>, to text: inout [UInt8]) {
        text += Data(bytes).base64EncodedData()
    }

    /// Reads Base64; nil where it is not what encoding some bytes gives.
    static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        // Two texts must not stand for the same bytes.
        guard let data = Data(base64Encoded: Data(text)), data.base64EncodedData() == Data(text) else { return nil }
        return Array(data)
    }
}
