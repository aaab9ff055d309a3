import Redstream

/// Makes text safe to show on a terminal.
///
/// Control characters, characters that reorder or break lines, and bytes that are no UTF-8 are shown as
/// escapes: `\n`, `\x1b`, `\u009b`, `\u202e`, `\xff`. Everything else stays, a backslash too, so that JSON is
/// readable; the text is for eyes, and cannot be turned back.
enum TerminalText {
    /// Returns a text with what could command a terminal escaped.
    static func escaped(_ text: String) -> String {
        var bytes: [UInt8] = []
        append([UInt8](text.utf8)[...], to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends text, or bytes that should be, with what could command a terminal escaped.
    static func append(_ text: ArraySlice<UInt8>, to line: inout [UInt8]) {
        text.withUnsafeBufferPointer { append(UnsafeRawBufferPointer($0), to: &line) }
    }

    private static func append(_ text: UnsafeRawBufferPointer, to line: inout [UInt8]) {
        // Everything before this place was appended.
        var copied = 0
        var position = 0
        while position < text.count {
            if position &+ ByteWord.size <= text.count {
                let word = ByteWord(text, at: position)
                let flags = word.below(0x20) | word.equal(0x7F) | word.outsideASCII
                position &+= ByteWord.first(flags)
                if flags == 0 { continue }
            }
            let byte = text[position]
            guard byte < 0x20 || byte >= 0x7F else {
                position &+= 1
                continue
            }
            let length = byte < 0x80 ? 1 : UTF8Sequence.length(in: text, at: position)
            let end = position &+ max(length, 1)
            if length == 0 || byte < 0x80 {
                line.append(contentsOf: text[copied..<position])
                appendEscape(ofByte: byte, to: &line)
                copied = end
            } else if isUnsafe(text, position, length) {
                line.append(contentsOf: text[copied..<position])
                appendEscape(ofSequence: text[position..<end], to: &line)
                copied = end
            }
            position = end
        }
        line.append(contentsOf: text[copied...])
    }

    /// Returns whether a multi-byte character is a C1 control, a line or paragraph separator, or overrides the
    /// direction in which its neighbours are shown.
    private static func isUnsafe(_ text: UnsafeRawBufferPointer, _ position: Int, _ length: Int) -> Bool {
        switch (text[position], text[position &+ 1]) {
        case (0xC2, ..<0xA0): true
        // U+2028 to U+202E, and U+2066 to U+2069.
        case (0xE2, 0x80): (0xA8...0xAE).contains(text[position &+ 2])
        case (0xE2, 0x81): (0xA6...0xA9).contains(text[position &+ 2])
        default: false
        }
    }

    private static func appendEscape(ofByte byte: UInt8, to line: inout [UInt8]) {
        line.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\n"): line.append(UInt8(ascii: "n"))
        case UInt8(ascii: "\r"): line.append(UInt8(ascii: "r"))
        case UInt8(ascii: "\t"): line.append(UInt8(ascii: "t"))
        default:
            line.append(UInt8(ascii: "x"))
            line.appendHexDigits(byte)
        }
    }

    private static func appendEscape(
        ofSequence sequence: Slice<UnsafeRawBufferPointer>, to line: inout [UInt8]
    ) {
        let lead = UInt16(sequence.first ?? 0) & (sequence.count == 2 ? 0x1F : 0x0F)
        let code = sequence.dropFirst().reduce(lead) { $0 << 6 | UInt16($1 & 0x3F) }
        line.append(contentsOf: #"\u"#.utf8)
        line.appendHexDigits(UInt8(truncatingIfNeeded: code >> 8))
        line.appendHexDigits(UInt8(truncatingIfNeeded: code))
    }
}
