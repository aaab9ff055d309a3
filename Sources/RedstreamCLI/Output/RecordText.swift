import Redstream

/// Writes entries for people to read, one line each: `id  payload`, or `id  name=value name=value` for an
/// entry that is not a payload alone.
///
/// Whatever the entry holds, it stays on its line and cannot command the terminal: see ``TerminalText``.
enum RecordText {
    /// Appends the line of a message, with its line feed.
    static func append(_ message: Message, to lines: inout [UInt8]) {
        lines.append(message.id)
        lines.append(UInt8(ascii: " "))
        if message.fieldCount == 1, message.field(at: 0).name.elementsEqual(RecordKey.payload.utf8) {
            lines.append(UInt8(ascii: " "))
            TerminalText.append(message.field(at: 0).value, to: &lines)
        } else {
            for position in 0..<message.fieldCount {
                let field = message.field(at: position)
                lines.append(UInt8(ascii: " "))
                TerminalText.append(field.name, to: &lines)
                lines.append(UInt8(ascii: "="))
                TerminalText.append(field.value, to: &lines)
            }
        }
        lines.append(UInt8(ascii: "\n"))
    }
}
