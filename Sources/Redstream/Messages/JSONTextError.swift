/// Says why a text is not JSON that every consumer of a stream can parse, and where.
///
/// It holds no byte of the text, since payloads do not belong in logs.
public struct JSONTextError: Error, Sendable, Equatable {
    /// The fault of a text.
    public enum Reason: Sendable, Equatable, CaseIterable {
        /// There is no value: the text is empty or blank.
        case empty
        /// The text starts with a byte order mark.
        case byteOrderMark
        /// The text ends where a value, a string or a bracket is still open.
        case unexpectedEnd
        /// Something stands where a value should.
        case expectedValue
        /// Something other than a name in double quotes stands in an object.
        case expectedName
        /// A name is not followed by a colon.
        case expectedColon
        /// An element of an array or an object is followed by neither a comma nor the closing bracket.
        case expectedCommaOrEnd
        /// A second value or other text follows the value.
        case trailingText
        /// A number breaks the grammar: a leading zero or plus, or no digit where one is needed.
        case invalidNumber
        /// NaN and Infinity, which JSON has no words for.
        case notFinite
        /// A string holds a control byte, such as a line feed, that is not escaped.
        case controlByte
        /// A backslash in a string begins no escape.
        case invalidEscape
        /// An escaped half of a surrogate pair stands without the other half.
        case loneSurrogate
        /// The text is not UTF-8.
        case invalidUTF8
        /// Arrays and objects are nested deeper than ``JSONText/maximumNesting``.
        case tooDeep
    }

    /// The fault.
    public let reason: Reason
    /// The byte at which it was noticed, from 1; one past the last byte where the text ends too early.
    public let column: Int

    /// Creates an error about the byte at a column, from 1.
    public init(reason: Reason, column: Int) {
        self.reason = reason
        self.column = column
    }
}

extension JSONTextError: CustomStringConvertible {
    /// The reason as a clause, and the column.
    public var description: String { "\(reason) at byte \(column)" }
}

extension JSONTextError.Reason: CustomStringConvertible {
    /// The reason as a clause that follows "not JSON:".
    public var description: String {
        switch self {
        case .empty: "there is no value"
        case .byteOrderMark: "the text starts with a byte order mark"
        case .unexpectedEnd: "the text ends too early"
        case .expectedValue: "a value is missing"
        case .expectedName: "a name in double quotes is missing"
        case .expectedColon: "a colon is missing after a name"
        case .expectedCommaOrEnd: "a comma or a closing bracket is missing"
        case .trailingText: "something follows the value"
        case .invalidNumber: "a number is malformed"
        case .notFinite: "NaN and Infinity are no JSON numbers"
        case .controlByte: "a string holds a control byte that is not escaped"
        case .invalidEscape: "a backslash begins no escape"
        case .loneSurrogate: "half of a surrogate pair is escaped alone"
        case .invalidUTF8: "the text is not UTF-8"
        case .tooDeep: "arrays and objects are nested deeper than \(JSONText.maximumNesting)"
        }
    }
}
