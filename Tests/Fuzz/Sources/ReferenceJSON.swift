import Redstream

/// Reads JSON as the grammar of RFC 8259 is written: a function for each rule, over characters.
///
/// It is as slow and as plain as the check that it judges is fast, and shares nothing with it but the limit of nesting.
struct ReferenceJSON {
    private var rest: Substring.UnicodeScalarView
    /// True if a number is one that readers of numbers may refuse, or round: long, or with an exponent.
    private(set) var hasLargeNumber = false

    /// Reads a whole text; nil where it breaks the grammar.
    static func read(_ bytes: [UInt8]) -> ReferenceJSON? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var reader = ReferenceJSON(rest: text[...].unicodeScalars)
        return reader.value(depth: 0) && reader.rest.isEmpty ? reader : nil
    }

    /// A value and the blanks around it.
    private mutating func value(depth: Int) -> Bool {
        skipBlanks()
        defer { skipBlanks() }
        switch rest.first {
        case "{":
            return list(from: "{", to: "}", depth: depth) { $0.string() && $0.colon() && $0.value(depth: depth + 1) }
        case "[": return list(from: "[", to: "]", depth: depth) { $0.value(depth: depth + 1) }
        case "\"": return string()
        default: return skip("true") || skip("false") || skip("null") || number()
        }
    }

    private mutating func list(
        from start: String, to end: String, depth: Int, _ element: (inout Self) -> Bool
    ) -> Bool {
        guard depth < JSONText.maximumNesting, skip(start) else { return false }
        skipBlanks()
        if skip(end) { return true }
        repeat {
            skipBlanks()
            guard element(&self) else { return false }
        } while skip(",")
        return skip(end)
    }

    private mutating func colon() -> Bool {
        skipBlanks()
        return skip(":")
    }

    private mutating func string() -> Bool {
        guard skip("\"") else { return false }
        while let character = rest.popFirst() {
            switch character {
            case "\"": return true
            case "\\": guard escape() else { return false }
            case ..<" ": return false
            default: continue
            }
        }
        return false
    }

    private mutating func escape() -> Bool {
        guard let letter = rest.popFirst() else { return false }
        guard letter == "u" else { return "\"\\/bfnrt".unicodeScalars.contains(letter) }
        guard let unit = codeUnit() else { return false }
        switch unit {
        case 0xD800...0xDBFF: return skip("\\u") && codeUnit().map { (0xDC00...0xDFFF).contains($0) } ?? false
        case 0xDC00...0xDFFF: return false
        default: return true
        }
    }

    private mutating func codeUnit() -> Int? {
        let digits = rest.prefix(4)
        rest = rest.dropFirst(4)
        guard digits.count == 4, digits.allSatisfy(\.properties.isASCIIHexDigit) else { return nil }
        return Int(String(digits), radix: 16)
    }

    private mutating func number() -> Bool {
        let start = rest
        _ = skip("-")
        guard skip("0") || digits() else { return false }
        if skip("."), !digits() { return false }
        if skip("e") || skip("E") {
            hasLargeNumber = true
            _ = skip("+") || skip("-")
            guard digits() else { return false }
        }
        if start.count - rest.count > 15 { hasLargeNumber = true }
        return true
    }

    private mutating func digits() -> Bool {
        let digits = rest.prefix { ("0"..."9").contains($0) }
        rest = rest[digits.endIndex...]
        return !digits.isEmpty
    }

    private mutating func skipBlanks() {
        rest = rest.drop { " \n\r\t".unicodeScalars.contains($0) }
    }

    private mutating func skip(_ text: String) -> Bool {
        guard rest.starts(with: text.unicodeScalars) else { return false }
        rest = rest.dropFirst(text.unicodeScalars.count)
        return true
    }
}
