/// A character that nobody can see, and so nobody can have meant, at an end of an id or a name.
///
/// Spreadsheets, editors and web pages leave them behind: byte order marks, no-break and zero-width spaces, marks for the
/// direction of text, carriage returns.
struct InvisibleText: Error, Sendable, Equatable, CustomStringConvertible {
    /// The reason as a clause, such as "it ends with U+200B (zero width space)".
    let description: String
    /// The character.
    let scalar: Unicode.Scalar

    /// Finds such a character at the ends of a text; nil if there is none.
    static func atEnds(of text: some StringProtocol) -> InvisibleText? {
        if let first = text.unicodeScalars.first, isInvisible(first) { return InvisibleText("it begins with", first) }
        // A variation selector belongs to the character before it, as in "❤️".
        if let last = text.unicodeScalars.last, isInvisible(last), !last.properties.isVariationSelector {
            return InvisibleText("it ends with", last)
        }
        return nil
    }

    /// Finds such a character at the ends of an id, or a control character anywhere in it.
    ///
    /// - Parameter id: The id; one that is not UTF-8 is refused elsewhere.
    /// - Returns: The first one; nil if there is none.
    static func inID(_ id: UnsafeBufferPointer<UInt8>) -> InvisibleText? {
        // Nearly every id is printable ASCII.
        if id.allSatisfy({ $0 &- 0x20 < 0x5F }) { return nil }
        guard let text = String(validating: id, as: UTF8.self) else { return nil }
        let control = text.unicodeScalars.first { $0.properties.generalCategory == .control }
        return atEnds(of: text) ?? control.map { InvisibleText("it holds", $0) }
    }

    /// The advice for one in an id.
    var hintForID: String {
        scalar == "\0"
            ? "is it UTF-16? iconv -f UTF-16 -t UTF-8 makes UTF-8 of it"
            : "remove it; an id that really has it is written as JSON, without --ids: {\"id\": \"…\"}"
    }

    private init(_ clause: String, _ scalar: Unicode.Scalar) {
        self.scalar = scalar
        description = "\(clause) \(Self.name(of: scalar))"
    }

    /// The character by its number and its name, as Unicode has them: `U+00AD (soft hyphen)`.
    private static func name(of scalar: Unicode.Scalar) -> String {
        let number = "U+" + scalar.value.padded(to: 4, radix: 16)
        // The name that people know it by.
        if scalar == "\u{FEFF}" { return "\(number) (byte order mark)" }
        let properties = scalar.properties
        return (properties.nameAlias ?? properties.name).map { "\(number) (\($0.lowercased()))" } ?? number
    }

    /// Returns whether a character leaves no mark on a screen.
    ///
    /// A plain space does not count: quotes show it.
    static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar != " " else { return false }
        let properties = scalar.properties
        return switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator: true
        default: properties.isDefaultIgnorableCodePoint || properties.isNoncharacterCodePoint
        }
    }
}
