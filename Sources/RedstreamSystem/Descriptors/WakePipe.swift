/// Wakes a thread that waits for a descriptor.
package final class WakePipe: Sendable {
    private let readEnd: Int32
    private let writeEnd: Int32

    /// Opens the pipe.
    ///
    /// - Throws: ``SystemError``, such as for a process that has no descriptors left.
    package init() throws(SystemError) {
        (readEnd, writeEnd) = try Descriptor.pipe()
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Ends every wait, this one and those to come.
    package func wake() {
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)
    }

    /// Waits until something happens to a descriptor, or ``wake()`` is called.
    ///
    /// - Parameters:
    ///   - descriptor: The descriptor.
    ///   - events: The events to wait for, as poll(2) takes them; errors and hang-ups are always waited for.
    ///   - timeout: Milliseconds, or -1 for ever.
    /// - Returns: The first event.
    package func wait(for descriptor: Int32, _ events: Int32, timeout: Int32 = -1) -> Descriptor.Event {
        Descriptor.wait(for: descriptor, events, or: readEnd, timeout: timeout)
    }

    /// Lets waits happen again.
    package func reset() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while Descriptor.wait(for: readEnd, POLLIN, timeout: 0).isReady { _ = read(readEnd, &bytes, bytes.count) }
    }
}
