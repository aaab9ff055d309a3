extension [UInt8] {
    /// Appends text as a JSON string, with every control character escaped.
    ///
    /// DEL and the controls U+0080 to U+009F are escaped too, so that nothing in the string commands a
    /// terminal. What JSON leaves free stays as it is: `/` and everything outside of ASCII.
    ///
    /// - Parameter text: The bytes of the text.
    /// - Returns: False where the text is not UTF-8; then nothing was appended.
    @discardableResult
    package mutating func appendJSONString(_ text: ArraySlice<UInt8>) -> Bool {
        let start = count
        append(UInt8(ascii: "\""))
        let isText = text.withUnsafeBufferPointer { appendJSONCharacters(UnsafeRawBufferPointer($0)) }
        guard isText else {
            removeSubrange(start...)
            return false
        }
        append(UInt8(ascii: "\""))
        return true
    }

    /// Appends text as a JSON string, as for bytes.
    package mutating func appendJSONString(_ text: String) {
        appendJSONString([UInt8](text.utf8)[...])
    }

    private mutating func appendJSONCharacters(_ text: UnsafeRawBufferPointer) -> Bool {
        // Everything before this place was appended.
        var copied = 0
        var position = 0
        while position < text.count {
            if position &+ ByteWord.size <= text.count {
                let word = ByteWord(text, at: position)
                let flags =
                    word.below(0x20) | word.equal(UInt8(ascii: "\"")) | word.equal(UInt8(ascii: "\\"))
                    | word.equal(0x7F) | word.outsideASCII
                position &+= ByteWord.first(flags)
                if flags == 0 { continue }
            }
            let byte = text[position]
            if byte >= 0x80 {
                let length = UTF8Sequence.length(in: text, at: position)
                guard length > 0 else { return false }
                if byte == 0xC2, text[position &+ 1] < 0xA0 {
                    append(contentsOf: text[copied..<position])
                    appendUnicodeEscape(text[position &+ 1])
                    copied = position &+ 2
                }
                position &+= length
                continue
            }
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F {
                append(contentsOf: text[copied..<position])
                appendEscape(byte)
                copied = position &+ 1
            }
            position &+= 1
        }
        append(contentsOf: text[copied...])
        return true
    }

    private mutating func appendEscape(_ byte: UInt8) {
        let letter: UInt8
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): letter = byte
        case UInt8(ascii: "\n"): letter = UInt8(ascii: "n")
        case UInt8(ascii: "\r"): letter = UInt8(ascii: "r")
        case UInt8(ascii: "\t"): letter = UInt8(ascii: "t")
        case 0x08: letter = UInt8(ascii: "b")
        case 0x0C: letter = UInt8(ascii: "f")
        default: return appendUnicodeEscape(byte)
        }
        append(UInt8(ascii: "\\"))
        append(letter)
    }

    /// Appends `\u00XX`.
    private mutating func appendUnicodeEscape(_ byte: UInt8) {
        append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "u"), UInt8(ascii: "0"), UInt8(ascii: "0")])
        appendHexDigits(byte)
    }

    /// Appends the text of a JSON string without its quotes, its escapes undone.
    ///
    /// - Parameter characters: What stands between the quotes of a string that ``JSONScanner`` passed over.
    package mutating func appendUnescaped(_ characters: ArraySlice<UInt8>) {
        var rest = characters
        while let backslash = rest.firstIndex(of: UInt8(ascii: "\\")) {
            append(contentsOf: rest[..<backslash])
            rest = rest[(backslash + 1)...]
            guard let letter = rest.popFirst() else { return }
            switch letter {
            case UInt8(ascii: "n"): append(UInt8(ascii: "\n"))
            case UInt8(ascii: "r"): append(UInt8(ascii: "\r"))
            case UInt8(ascii: "t"): append(UInt8(ascii: "\t"))
            case UInt8(ascii: "b"): append(0x08)
            case UInt8(ascii: "f"): append(0x0C)
            case UInt8(ascii: "u"):
                var code = Self.codeUnit(rest.prefix(4))
                rest = rest.dropFirst(4)
                if code & 0xF800 == 0xD800 {
                    code = 0x10000 + (code & 0x3FF) << 10 + Self.codeUnit(rest.dropFirst(2).prefix(4)) & 0x3FF
                    rest = rest.dropFirst(6)
                }
                append(contentsOf: String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
            default: append(letter)
            }
        }
        append(contentsOf: rest)
    }

    private static func codeUnit(_ digits: ArraySlice<UInt8>) -> UInt32 {
        digits.reduce(0) { $0 << 4 | UInt32(HexDigit.value(of: $1) ?? 0) }
    }

    /// Appends a byte as two hexadecimal digits in lower case.
    package mutating func appendHexDigits(_ byte: UInt8) {
        for digit in [byte >> 4, byte & 0xF] {
            append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}
