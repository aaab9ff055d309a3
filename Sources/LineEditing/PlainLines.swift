package import RedstreamSystem

/// Reads lines as they come, without editing: from pipes, files, and terminals that cannot do more.
///
/// It is used by one thread at a time; only ``interrupt()`` is called from elsewhere.
package final class PlainLines: @unchecked Sendable {
    // Invariant: `LineReader` and scripts read one line after the other, so that no two threads meet here.
    private let descriptor: Int32
    private let wake: WakePipe
    private let thread = WorkerThread()
    private var buffer: [UInt8] = []
    /// The beginning of the next line.
    private var start = 0
    /// The place up to which no line feed was found.
    private var searched = 0
    private var isAtEnd = false

    /// Prepares to read a descriptor, which stays its owner's.
    ///
    /// - Throws: `SystemError` if the system has no means to end a wait.
    package init(descriptor: Int32) throws(SystemError) {
        self.descriptor = descriptor
        wake = try WakePipe()
    }

    /// Waits for a line, and returns it without its line feed.
    ///
    /// - Throws: `SystemError` if it cannot be read, which is not the end of the input.
    package func next() throws(SystemError) -> LineOutcome {
        while true {
            if let line = bufferedLine() { return .line(line) }
            if isAtEnd {
                defer { (buffer, start, searched) = ([], 0, 0) }
                return start < buffer.count ? .line(Array(buffer[start...])) : .ended
            }
            guard try fill() else {
                (buffer, start, searched) = ([], 0, 0)
                return .interrupted
            }
        }
    }

    /// Waits for a line on a thread of its own; nil after the last.
    ///
    /// - Throws: `SystemError`; `CancellationError`.
    package func nextLine() async throws -> [UInt8]? {
        try await withTaskCancellationHandler {
            switch try await thread.run({ try self.next() }) {
            case .line(let line): return line
            case .ended: return nil
            case .interrupted: throw CancellationError()
            }
        } onCancel: {
            interrupt()
        }
    }

    /// Returns the next line if it was read already.
    package func bufferedLine() -> [UInt8]? {
        guard let end = lineFeed else {
            searched = buffer.count
            return nil
        }
        var line = Array(buffer[start..<end])
        start = end + 1
        searched = start
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return line
    }

    /// Ends the wait for a line, this one or the next.
    package func interrupt() {
        wake.wake()
    }

    /// Forgets an interruption that came while no line was read.
    func forgetInterruptions() {
        wake.reset()
    }

    private var lineFeed: Int? {
        buffer.withUnsafeBytes { bytes in
            guard searched < bytes.count, let base = bytes.baseAddress,
                let found = memchr(base + searched, 10, bytes.count - searched)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }

    /// Reads more; false if the wait was interrupted.
    private func fill() throws(SystemError) -> Bool {
        buffer.removeFirst(start)
        (start, searched) = (0, searched - start)
        if case .woken = wake.wait(for: descriptor, POLLIN) {
            wake.reset()
            return false
        }
        do throws(SystemError) {
            let bytes = try Descriptor.read(from: descriptor, atMost: 65536)
            buffer += bytes
            isAtEnd = bytes.isEmpty
        } catch {
            if error.code != EAGAIN { throw error }
        }
        return true
    }
}
