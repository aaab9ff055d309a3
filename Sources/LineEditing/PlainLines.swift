import RedstreamSystem

/// Reads lines as they come, without editing: from pipes, files, and terminals that cannot do more.
///
/// It is used by one thread at a time.
package final class PlainLines: @unchecked Sendable {
    // Invariant: `LineReader` and scripts read one line after the other, so that no two threads meet here.
    private let descriptor: Int32
    private let thread = WorkerThread()
    private var buffer: [UInt8] = []
    private var isAtEnd = false

    /// Reads from a descriptor, which stays its owner's.
    package init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Reads a line, without its line feed; nil after the last.
    package func next() -> [UInt8]? {
        var searched = 0
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                var line = Array(buffer[..<end])
                buffer.removeFirst(end + 1)
                if line.last == 13 { line.removeLast() }
                return line
            }
            searched = buffer.count
            if isAtEnd {
                defer { buffer = [] }
                return buffer.isEmpty ? nil : buffer
            }
            fill()
        }
    }

    /// Reads a line on a thread of its own.
    ///
    /// - Throws: `SystemError` if the system refuses the thread.
    package func nextLine() async throws -> [UInt8]? {
        try await thread.run { self.next() }
    }

    private func fill() {
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = read(descriptor, &bytes, bytes.count)
        if count > 0 {
            buffer += bytes.prefix(count)
        } else if count == 0 || errno != EINTR {
            isAtEnd = true
        }
    }
}
