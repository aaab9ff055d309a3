/// Walks over the bytes of a JSON text, value by value, and refuses what ``JSONText`` refuses.
///
/// It reads borrowed memory and must not outlive it. It copies nothing and calls nothing recursively, so that
/// hostile nesting costs no stack.
package struct JSONScanner {
    private let bytes: UnsafeRawBufferPointer
    /// The next byte to read.
    package private(set) var position = 0

    /// Starts before the first byte.
    package init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// True if every byte was read.
    package var isAtEnd: Bool { position == bytes.count }

    /// The next byte; nil at the end.
    package var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// Makes an error about the next byte, or about an earlier one.
    package func error(_ reason: JSONTextError.Reason, at position: Int? = nil) -> JSONTextError {
        JSONTextError(reason: reason, column: (position ?? self.position) + 1)
    }

    /// Returns whether a byte is blank in JSON.
    package static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    /// Passes over blanks.
    package mutating func skipBlanks() {
        while position < bytes.count, Self.isBlank(bytes[position]) { position &+= 1 }
    }

    /// Passes over one byte if it is the next.
    package mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position &+= 1
        return true
    }

    /// Passes over the blanks before the value that makes up a text.
    ///
    /// - Throws: ``JSONTextError`` where there is no value, or a byte order mark before it.
    package mutating func skipToFirstValue() throws(JSONTextError) {
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
            throw error(.byteOrderMark)
        }
        skipBlanks()
        if isAtEnd { throw error(.empty) }
    }

    /// Passes over the value that starts here, whatever its kind.
    ///
    /// - Throws: ``JSONTextError`` with what is wrong within it.
    package mutating func skipValue() throws(JSONTextError) {
        var depth = 0
        // One bit for each open bracket, the innermost lowest: set for an object.
        var objects: UInt128 = 0
        while true {
            guard let byte = next else { throw error(.unexpectedEnd) }
            switch byte {
            case UInt8(ascii: "\""):
                try skipString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard depth < JSONText.maximumNesting else { throw error(.tooDeep) }
                let isObject = byte == UInt8(ascii: "{")
                position &+= 1
                skipBlanks()
                if skip(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) { break }
                depth &+= 1
                objects = objects &<< 1 | (isObject ? 1 : 0)
                if isObject { try skipName() }
                continue
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                try skipNumber()
            default:
                try skipLiteral()
            }
            // After a value: close what ends here, until another value follows.
            while true {
                if depth == 0 { return }
                skipBlanks()
                let inObject = objects & 1 == 1
                if skip(UInt8(ascii: ",")) {
                    skipBlanks()
                    if inObject { try skipName() }
                    break
                }
                guard skip(inObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                    throw error(isAtEnd ? .unexpectedEnd : .expectedCommaOrEnd)
                }
                depth &-= 1
                objects = objects &>> 1
            }
        }
    }

    /// Passes over the name of a member, its colon, and the blanks around that.
    ///
    /// - Returns: Where the name itself ended.
    /// - Throws: ``JSONTextError`` where no name or no colon stands here.
    @discardableResult
    package mutating func skipName() throws(JSONTextError) -> Int {
        guard next == UInt8(ascii: "\"") else { throw error(isAtEnd ? .unexpectedEnd : .expectedName) }
        try skipString()
        let end = position
        skipBlanks()
        guard skip(UInt8(ascii: ":")) else { throw error(isAtEnd ? .unexpectedEnd : .expectedColon) }
        skipBlanks()
        return end
    }

    /// Passes over the string that starts here with its quote.
    ///
    /// - Throws: ``JSONTextError`` with what is wrong within it.
    package mutating func skipString() throws(JSONTextError) {
        var position = position &+ 1
        defer { self.position = position }
        while true {
            while position &+ ByteWord.size <= bytes.count {
                let word = ByteWord(bytes, at: position)
                let flags =
                    word.below(0x20) | word.equal(UInt8(ascii: "\"")) | word.equal(UInt8(ascii: "\\"))
                    | word.outsideASCII
                position &+= ByteWord.first(flags)
                if flags != 0 { break }
            }
            guard position < bytes.count else { throw error(.unexpectedEnd, at: position) }
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position &+= 1
                return
            case UInt8(ascii: "\\"):
                position = try endOfEscape(at: position)
            case ..<0x20:
                throw error(.controlByte, at: position)
            case 0x80...:
                // Text outside of ASCII comes in runs, for which whole words are looked at in vain.
                repeat {
                    let length = UTF8Sequence.length(in: bytes, at: position)
                    guard length > 0 else { throw error(.invalidUTF8, at: position) }
                    position &+= length
                } while position < bytes.count && bytes[position] >= 0x80
            default:
                position &+= 1
            }
        }
    }

    private func endOfEscape(at start: Int) throws(JSONTextError) -> Int {
        guard start &+ 1 < bytes.count else { throw error(.unexpectedEnd, at: bytes.count) }
        switch bytes[start &+ 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start &+ 2
        case UInt8(ascii: "u"):
            guard let unit = codeUnit(ofEscapeAt: start) else { throw error(.invalidEscape, at: start) }
            if unit & 0xF800 != 0xD800 { return start &+ 6 }
            // A high half must be followed by a low one; a low half that stands here has lost its high one.
            guard unit < 0xDC00, let low = codeUnit(ofEscapeAt: start &+ 6), low & 0xFC00 == 0xDC00 else {
                throw error(.loneSurrogate, at: start)
            }
            return start &+ 12
        default:
            throw error(.invalidEscape, at: start)
        }
    }

    /// Reads `\uXXXX`; nil where something else stands.
    private func codeUnit(ofEscapeAt start: Int) -> UInt16? {
        guard start &+ 6 <= bytes.count else { return nil }
        guard bytes[start] == UInt8(ascii: "\\"), bytes[start &+ 1] == UInt8(ascii: "u") else { return nil }
        var unit: UInt16 = 0
        for position in start &+ 2..<start &+ 6 {
            guard let digit = HexDigit.value(of: bytes[position]) else { return nil }
            unit = unit &<< 4 | UInt16(digit)
        }
        return unit
    }

    private mutating func skipNumber() throws(JSONTextError) {
        _ = skip(UInt8(ascii: "-"))
        if next == UInt8(ascii: "I") { throw error(.notFinite) }
        if skip(UInt8(ascii: "0")) {
            if let byte = next, Self.isDigit(byte) { throw error(.invalidNumber) }
        } else {
            try skipDigits()
        }
        if skip(UInt8(ascii: ".")) { try skipDigits() }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            if !skip(UInt8(ascii: "+")) { _ = skip(UInt8(ascii: "-")) }
            try skipDigits()
        }
    }

    /// Passes over one digit or more.
    private mutating func skipDigits() throws(JSONTextError) {
        let start = position
        while position < bytes.count, Self.isDigit(bytes[position]) { position &+= 1 }
        if position == start { throw error(isAtEnd ? .unexpectedEnd : .invalidNumber) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10
    }

    private mutating func skipLiteral() throws(JSONTextError) {
        switch bytes[position] {
        case UInt8(ascii: "t"): try skip("true")
        case UInt8(ascii: "f"): try skip("false")
        case UInt8(ascii: "n"): try skip("null")
        case UInt8(ascii: "N"), UInt8(ascii: "I"): throw error(.notFinite)
        case UInt8(ascii: "+"), UInt8(ascii: "."): throw error(.invalidNumber)
        default: throw error(.expectedValue)
        }
    }

    private mutating func skip(_ literal: StaticString) throws(JSONTextError) {
        let length = literal.utf8CodeUnitCount
        for offset in 0..<length {
            guard position &+ offset < bytes.count else { throw error(.unexpectedEnd, at: bytes.count) }
            guard bytes[position &+ offset] == literal.utf8Start[offset] else { throw error(.expectedValue) }
        }
        position &+= length
    }
}
