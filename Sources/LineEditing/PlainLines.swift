import RedstreamSystem

/// Reads lines as they come, without editing: from pipes, files, and terminals that cannot do more.
///
/// It is used by one thread at a time.
package final class PlainLines: @unchecked Sendable {
    // Invariant: `LineReader` and scripts read one line after the other, so that no two threads meet here.
    private let descriptor: Int32
    private let thread = WorkerThread()
    /// Wakes the wait for input; nil if the system has refused it.
    private let notices = try? Descriptor.pipe()
    private var buffer: [UInt8] = []
    private var isAtEnd = false

    /// Reads from a descriptor, which stays its owner's.
    package init(descriptor: Int32) {
        self.descriptor = descriptor
        if let notices { Descriptor.setNonBlocking(notices.readEnd) }
    }

    deinit {
        guard let notices else { return }
        close(notices.readEnd)
        close(notices.writeEnd)
    }

    /// Reads a line, without its line feed; nil after the last.
    package func next() -> [UInt8]? {
        if case .line(let line) = read() { line } else { nil }
    }

    /// Ends the wait for input that is going on.
    func interrupt() {
        guard let notices else { return }
        var byte: UInt8 = 1
        _ = write(notices.writeEnd, &byte, 1)
    }

    /// Reads a line, without its line feed, unless it is interrupted.
    func read() -> LineOutcome {
        _ = takeNotices()
        var searched = 0
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                var line = Array(buffer[..<end])
                buffer.removeFirst(end + 1)
                if line.last == 13 { line.removeLast() }
                return .line(line)
            }
            searched = buffer.count
            if isAtEnd {
                defer { buffer = [] }
                return buffer.isEmpty ? .ended : .line(buffer)
            }
            if wasInterrupted() {
                buffer = []
                return .interrupted
            }
            fill()
        }
    }

    /// Waits for input; whether an interruption came first.
    private func wasInterrupted() -> Bool {
        guard let notices else { return false }
        var items = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: notices.readEnd, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&items, 2, -1) < 0, errno == EINTR {}
        return items[1].revents != 0 && takeNotices()
    }

    /// Forgets the interruptions that have come; whether there were any.
    private func takeNotices() -> Bool {
        guard let notices else { return false }
        var bytes = [UInt8](repeating: 0, count: 64)
        return systemRead(notices.readEnd, &bytes, bytes.count) > 0
    }

    /// Reads a line on a thread of its own.
    ///
    /// - Throws: `SystemError` if the system refuses the thread.
    package func nextLine() async throws -> [UInt8]? {
        try await thread.run { self.next() }
    }

    private func fill() {
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = systemRead(descriptor, &bytes, bytes.count)
        if count > 0 {
            buffer += bytes.prefix(count)
        } else if count == 0 || errno != EINTR {
            isAtEnd = true
        }
    }
}

private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}
