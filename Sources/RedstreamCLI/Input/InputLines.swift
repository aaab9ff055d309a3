import Redstream

/// The lines of an input, which is read a chunk at a time.
struct InputLines {
    /// The state of the input behind a chunk.
    enum State {
        /// There may be more; nothing is there at this moment, if it is quiet.
        case open(isQuiet: Bool)
        case ended
        /// ``InputFile/stop()`` was called: a line that is there in part is left out.
        case stopped
    }

    private let file: InputFile
    private let console: Console
    private var splitter = LineSplitter()
    private(set) var bytesRead = 0

    /// Prepares to read; the console is told of a byte order mark.
    init(of file: InputFile, _ console: Console) {
        self.file = file
        self.console = console
    }

    /// Reads a chunk, and calls `take` with each line that it completes, the first one without a byte order mark.
    ///
    /// - Throws: ``Failure``; ``LineTooLong``; `CancellationError`; what `take` throws.
    mutating func read(_ take: LineSplitter.Taker) async throws -> State {
        let console = console
        func takeWithoutMark(_ line: UnsafeBufferPointer<UInt8>, _ number: Int) throws {
            try take(ByteOrderMark.removed(from: line, number: number, console), number)
        }
        switch try await file.read(atMost: 256 << 10) {
        case .bytes(let bytes, let isLastForNow):
            bytesRead += bytes.count
            try splitter.split(bytes, takeWithoutMark)
            return .open(isQuiet: isLastForNow)
        case .end:
            try splitter.finish(takeWithoutMark)
            return .ended
        case .stopped: return .stopped
        }
    }
}

extension LineTooLong: FailureConvertible {
    func failure(while action: String) -> Failure {
        Failure(
            .badData, "line \(number) is longer than \(limit.grouped) bytes, the most that Redis takes",
            hint: "is it the right file?")
    }
}

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
