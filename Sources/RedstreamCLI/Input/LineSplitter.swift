import RedstreamSystem

/// A line that no server takes, and whose end may never come.
struct LineTooLong: Error, Equatable {
    /// Its number, from 1.
    let number: Int
    /// The most bytes of a line.
    let limit: Int
}

/// Cuts chunks of bytes into lines; the rest of a chunk waits for the next.
struct LineSplitter {
    /// The most bytes of a line: Redis takes no longer value, by its `proto-max-bulk-len`.
    static let longest = 512 << 20
    private let limit: Int
    private var rest: [UInt8] = []
    /// The number of lines so far.
    private var lineCount = 0

    init(limit: Int = Self.longest) {
        self.limit = limit
    }

    /// Takes a line, without its line feed, or CR and LF, and its number from 1.
    typealias Taker = (UnsafeBufferPointer<UInt8>, Int) throws -> Void

    /// Calls `body` with each whole line of a chunk.
    ///
    /// - Throws: ``LineTooLong`` for a line without an end; what `body` throws.
    mutating func split(_ chunk: [UInt8], _ body: Taker) throws {
        try chunk.withUnsafeBufferPointer { bytes in
            var start = 0
            while let end = Self.lineFeed(in: bytes, from: start) {
                let line = UnsafeBufferPointer(rebasing: bytes[start..<end])
                start = end + 1
                lineCount += 1
                if rest.isEmpty {
                    try body(Self.withoutReturn(line), lineCount)
                } else {
                    rest.append(contentsOf: line)
                    try takeRest(body)
                }
            }
            rest.append(contentsOf: bytes[start...])
            guard rest.count <= limit else { throw LineTooLong(number: lineCount + 1, limit: limit) }
        }
    }

    /// Calls `body` with what is left when the input has ended without a line feed.
    mutating func finish(_ body: Taker) rethrows {
        guard !rest.isEmpty else { return }
        lineCount += 1
        try takeRest(body)
    }

    private mutating func takeRest(_ body: Taker) rethrows {
        defer { rest.removeAll(keepingCapacity: rest.capacity < 1 << 20) }
        try rest.withUnsafeBufferPointer { try body(Self.withoutReturn($0), lineCount) }
    }

    private static func lineFeed(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        guard let base = bytes.baseAddress, start < bytes.count,
            let found = memchr(base + start, 10, bytes.count - start)
        else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    private static func withoutReturn(_ line: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        line.last == 13 ? UnsafeBufferPointer(rebasing: line.dropLast()) : line
    }
}
