import Redstream

/// The encoding of strings in quotes.
enum ReplyEncoding: String, Sendable, CaseIterable {
    /// UTF-8 as text.
    case utf8
    /// Every byte outside of ASCII as `\xHH`, as redis-cli does.
    case ascii
}

/// Writes bytes as they stand between double quotes, so that they can be typed again: text as it is, and everything
/// else as escapes.
///
/// Bytes that are not UTF-8, controls, characters that change the direction of text, and those that nothing is seen of
/// become `\xHH`, byte by byte.
struct QuotedText: Sendable {
    private let encoding: ReplyEncoding
    /// True if a combining mark would combine with a character of the string.
    private var followsCharacter = false

    init(_ encoding: ReplyEncoding) {
        self.encoding = encoding
    }

    /// Appends the bytes from an offset up to about another one, and never a part of a character.
    ///
    /// - Returns: The offset behind the last byte that was appended.
    mutating func append(_ bytes: ArraySlice<UInt8>, from start: Int, to end: Int, into text: inout [UInt8]) -> Int {
        bytes.withUnsafeBytes { buffer in
            let offset = bytes.startIndex
            var position = start - offset
            while position < end - offset {
                let isLead = encoding == .utf8 && buffer[position] >= 0x80
                let length = isLead ? UTF8Sequence.length(in: buffer, at: position) : 0
                if length > 1, isShown(buffer[position..<position + length]) {
                    text += buffer[position..<position + length]
                    followsCharacter = true
                    position += length
                } else {
                    // Of a character that is not shown, every byte.
                    for byte in buffer[position..<position + max(length, 1)] { append(byte, to: &text) }
                    position += max(length, 1)
                }
            }
            return position + offset
        }
    }

    private mutating func append(_ byte: UInt8, to text: inout [UInt8]) {
        followsCharacter = false
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
        case 10: text += #"\n"#.utf8
        case 13: text += #"\r"#.utf8
        case 9: text += #"\t"#.utf8
        case 7: text += #"\a"#.utf8
        case 8: text += #"\b"#.utf8
        case 0x20..<0x7F:
            text.append(byte)
            followsCharacter = true
        default:
            text += #"\x"#.utf8
            text.appendHexDigits(byte)
        }
    }

    /// Returns whether a character of several bytes is text that can be seen.
    private func isShown(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
        guard let scalar = String(decoding: bytes, as: UTF8.self).unicodeScalars.first else { return false }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: return false
        case .nonspacingMark, .spacingMark, .enclosingMark: return followsCharacter
        default: return true
        }
    }
}
