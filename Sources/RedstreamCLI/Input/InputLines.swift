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
