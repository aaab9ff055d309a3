extension BinaryInteger {
    /// Returns the digits, with zeros in front of too few.
    func padded(to count: Int, radix: Int = 10) -> String {
        let digits = String(self, radix: radix, uppercase: true)
        return String(repeating: "0", count: max(count - digits.utf8.count, 0)) + digits
    }
}

extension String {
    /// The text without blanks at its ends.
    var trimmingBlanks: String {
        let scalars = unicodeScalars.drop(while: \.properties.isWhitespace)
        let end = scalars.lastIndex { !$0.properties.isWhitespace }
        return end.map { String(scalars[...$0]) } ?? ""
    }

    /// Returns what stands before and behind the last of a character, which belongs to the first part.
    func split(after separator: Unicode.Scalar) -> (String, String) {
        let scalars = unicodeScalars
        let end = scalars.lastIndex(of: separator).map { scalars.index(after: $0) } ?? scalars.startIndex
        return (String(scalars[..<end]), String(scalars[end...]))
    }
}
