/// Lines that wait for a slow reader: no more than fit, and the number of those that were dropped.
struct LineBacklog {
    /// Lines that are written together.
    struct Chunk: Equatable {
        var bytes: [UInt8] = []
        var lines = 0
        /// The number of lines after these that were dropped.
        var dropped = 0
    }

    /// The most bytes that wait, apart from a single line that is longer.
    let capacity: Int
    private var waiting = Chunk()

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// Appends a line, or drops it if there is no room.
    mutating func append(_ line: [UInt8]) {
        let fits = waiting.lines == 0 || waiting.bytes.count + line.count <= capacity
        // A line after a dropped one would hide that something is missing.
        guard fits, waiting.dropped == 0 else {
            waiting.dropped += 1
            return
        }
        waiting.bytes += line
        waiting.lines += 1
    }

    /// Takes all that waits; nil if nothing does.
    mutating func take() -> Chunk? {
        guard waiting.lines > 0 else { return nil }
        defer { waiting = Chunk() }
        return waiting
    }
}
