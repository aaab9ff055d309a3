/// Says why a line cannot be split into words, and where.
package struct TokenizerError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Reason: Sendable, Equatable {
        /// The quote that was opened there is never closed.
        case openQuote(UInt8)
        /// The `\x` that stands there lacks its two hexadecimal digits.
        case badEscape
    }

    /// The fault.
    package let reason: Reason
    /// The line in which it stands, from 1.
    package let line: Int
    /// The character in that line at which it stands, from 1.
    package let column: Int

    init(_ reason: Reason, in text: [UInt8], at offset: Int) {
        let before = text.prefix(offset)
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        self.reason = reason
        line = before.count { $0 == UInt8(ascii: "\n") } + 1
        column = String(decoding: before[start...], as: UTF8.self).count + 1
    }

    /// True if more input could make it right.
    package var isOpenQuote: Bool {
        if case .openQuote = reason { true } else { false }
    }

    /// The reason and the place.
    package var description: String {
        let place = line == 1 ? "column \(column)" : "line \(line), column \(column)"
        return switch reason {
        case .openQuote(let quote): "\(place): the quote \(Character(UnicodeScalar(quote))) is not closed"
        case .badEscape: "\(place): \\x wants two hexadecimal digits"
        }
    }
}
