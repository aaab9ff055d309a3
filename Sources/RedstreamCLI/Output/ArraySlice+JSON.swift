import Redstream

extension ArraySlice<UInt8> {
    /// The part at positions that are counted from the slice's start.
    func part(_ range: Range<Int>) -> ArraySlice<UInt8> {
        self[startIndex + range.lowerBound..<startIndex + range.upperBound]
    }

    /// The text of a JSON string; nil for a value of another kind.
    var jsonString: ArraySlice<UInt8>? {
        guard first == UInt8(ascii: "\"") else { return nil }
        let characters = dropFirst().dropLast()
        guard characters.contains(UInt8(ascii: "\\")) else { return characters }
        var text: [UInt8] = []
        text.reserveCapacity(characters.count)
        text.appendUnescaped(characters)
        return text[...]
    }
}
