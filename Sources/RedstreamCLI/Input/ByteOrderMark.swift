/// The mark with which Windows programs begin a text, and which is no part of its first line.
enum ByteOrderMark {
    /// Returns the first line of an input without the mark.
    ///
    /// - Parameters:
    ///   - line: The line.
    ///   - number: Its number from 1; only the first is looked at.
    ///   - console: Is told of a mark that was left out.
    ///   - input: The input in words.
    /// - Returns: The line.
    /// - Throws: ``Failure`` for the mark of UTF-16, of which no line can be read.
    static func removed(
        from line: UnsafeBufferPointer<UInt8>, number: Int, _ console: Console, _ input: String = "the input"
    ) throws(Failure) -> UnsafeBufferPointer<UInt8> {
        guard number == 1, let first = line.first, first >= 0xEF else { return line }
        if line.starts(with: [0xEF, 0xBB, 0xBF]) {
            console.note("\(input) begins with a byte order mark, which is left out")
            return UnsafeBufferPointer(rebasing: line.dropFirst(3))
        }
        guard !line.starts(with: [0xFF, 0xFE]), !line.starts(with: [0xFE, 0xFF]) else {
            throw Failure(
                .badData, "\(input) is UTF-16", hint: "iconv -f UTF-16 -t UTF-8 makes UTF-8 of it")
        }
        return line
    }

    /// Returns the first line of an input, as an array of its own, without the mark.
    static func removed(from line: [UInt8], _ console: Console, _ input: String) throws(Failure) -> [UInt8] {
        try line.withUnsafeBufferPointer { line throws(Failure) in
            Array(try removed(from: line, number: 1, console, input))
        }
    }
}
