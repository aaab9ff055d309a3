/// Checks that text is JSON which every consumer of a stream can parse, the Ruby gem included.
///
/// The gem retries a batch that it cannot parse for ever, so text from outside is checked before it is sent:
///
/// ```swift
/// try JSONText.check(line)
/// try await producer.queue([OutgoingMessage(payload: line)], on: "products")
/// ```
///
/// What passes is one value as RFC 8259 defines it, with blanks around it at most: UTF-8 without a byte order
/// mark, no lone surrogate among the escapes, no raw control byte in a string, no NaN or Infinity, nested no
/// deeper than ``maximumNesting``. Repeated names, numbers of any length and bare strings, numbers and
/// literals pass.
public enum JSONText {
    /// The deepest nesting of arrays and objects: Ruby's `JSON.parse` refuses 101.
    public static let maximumNesting = 100

    /// Checks a text in one pass, without allocating.
    ///
    /// Needs time in proportion to the text, and the same space for any nesting.
    ///
    /// - Parameter bytes: The text; an empty one is refused.
    /// - Throws: ``JSONTextError`` with the first thing that is wrong and its column.
    public static func check(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONTextError) {
        var scanner = JSONScanner(UnsafeRawBufferPointer(bytes))
        try scanner.skipToFirstValue()
        try scanner.skipValue()
        scanner.skipBlanks()
        guard scanner.isAtEnd else { throw scanner.error(.trailingText) }
    }

    /// Checks a text held in a part of an array.
    ///
    /// - Parameter bytes: The text; an empty one is refused.
    /// - Throws: ``JSONTextError`` with the first thing that is wrong and its column.
    public static func check(_ bytes: ArraySlice<UInt8>) throws(JSONTextError) {
        try bytes.withUnsafeBufferPointer { buffer throws(JSONTextError) in try check(buffer) }
    }

    /// Checks a text held in an array.
    ///
    /// - Parameter bytes: The text; an empty one is refused.
    /// - Throws: ``JSONTextError`` with the first thing that is wrong and its column.
    public static func check(_ bytes: [UInt8]) throws(JSONTextError) {
        try check(bytes[...])
    }

    /// Finds a text without the blanks around it, those of JSON: space, tab, line feed and carriage return.
    ///
    /// - Parameter bytes: Any bytes.
    /// - Returns: The positions that are left, none where all is blank.
    public static func trimmed(_ bytes: UnsafeBufferPointer<UInt8>) -> Range<Int> {
        var start = 0
        var end = bytes.count
        while start < end, JSONScanner.isBlank(bytes[start]) { start += 1 }
        while end > start, JSONScanner.isBlank(bytes[end - 1]) { end -= 1 }
        return start..<end
    }

    /// Cuts the blanks of JSON from both ends of a text, without copying it.
    ///
    /// - Parameter bytes: Any bytes.
    /// - Returns: What is left, empty where all is blank.
    public static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let range = bytes.withUnsafeBufferPointer { trimmed($0) }
        return bytes[bytes.startIndex + range.lowerBound..<bytes.startIndex + range.upperBound]
    }

    /// Returns whether a terminal could take a part of a text for a command, or a line reader for the end of a line.
    ///
    /// That is every byte below 0x20, DEL, and the control characters U+0080 to U+009F as UTF-8 writes them.
    ///
    /// - Parameter bytes: Any bytes.
    /// - Returns: True if one stands anywhere in the bytes.
    public static func hasControlCharacters(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let bytes = UnsafeRawBufferPointer(bytes)
        var position = 0
        while position < bytes.count {
            if position &+ ByteWord.size <= bytes.count {
                let word = ByteWord(bytes, at: position)
                let flags = word.below(0x20) | word.equal(0x7F) | word.equal(0xC2)
                position &+= ByteWord.first(flags)
                if flags == 0 { continue }
            }
            switch bytes[position] {
            case ..<0x20, 0x7F:
                return true
            case 0xC2:
                position &+= 1
                if position < bytes.count, (0x80...0x9F).contains(bytes[position]) { return true }
            default:
                position &+= 1
            }
        }
        return false
    }

    /// Returns whether a part of an array holds a control character, as for a buffer.
    ///
    /// - Parameter bytes: Any bytes.
    /// - Returns: True if one stands anywhere in the bytes.
    public static func hasControlCharacters(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.withUnsafeBufferPointer { hasControlCharacters($0) }
    }
}
