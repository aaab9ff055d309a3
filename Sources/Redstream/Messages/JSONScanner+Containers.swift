extension JSONScanner {
    /// One member of an object: where its name stands, quotes included, and where its value does.
    package struct Member: Sendable {
        /// The name, a string that may hold escapes.
        package let name: Range<Int>
        /// The value, without blanks around it.
        package let value: Range<Int>
    }

    /// Passes over the object that starts here and lists its members, repeated names included.
    ///
    /// Each value may be nested as deep as a text of its own.
    ///
    /// - Returns: The members in their order; nil, with nothing passed over, for a value of another kind.
    /// - Throws: ``JSONTextError`` with what is wrong within the object.
    package mutating func members() throws(JSONTextError) -> [Member]? {
        guard skip(UInt8(ascii: "{")) else { return nil }
        var members: [Member] = []
        skipBlanks()
        if skip(UInt8(ascii: "}")) { return members }
        repeat {
            skipBlanks()
            let nameStart = position
            let nameEnd = try skipName()
            let start = position
            try skipValue()
            members.append(Member(name: nameStart..<nameEnd, value: start..<position))
            skipBlanks()
        } while skip(UInt8(ascii: ","))
        try close(with: UInt8(ascii: "}"))
        return members
    }

    /// Passes over the array that starts here and lists where its elements stand.
    ///
    /// Each element may be nested as deep as a text of its own.
    ///
    /// - Returns: The elements in their order; nil, with nothing passed over, for a value of another kind.
    /// - Throws: ``JSONTextError`` with what is wrong within the array.
    package mutating func elements() throws(JSONTextError) -> [Range<Int>]? {
        guard skip(UInt8(ascii: "[")) else { return nil }
        var elements: [Range<Int>] = []
        skipBlanks()
        if skip(UInt8(ascii: "]")) { return elements }
        repeat {
            skipBlanks()
            let start = position
            try skipValue()
            elements.append(start..<position)
            skipBlanks()
        } while skip(UInt8(ascii: ","))
        try close(with: UInt8(ascii: "]"))
        return elements
    }

    private mutating func close(with bracket: UInt8) throws(JSONTextError) {
        guard skip(bracket) else { throw error(isAtEnd ? .unexpectedEnd : .expectedCommaOrEnd) }
    }
}
