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

    /// The event that ended a wait.
    package enum Outcome: Sendable {
        case ready(Int16)
        case timedOut
        case woken
    }

    /// Waits until something happens to a descriptor.
    ///
    /// - Parameters:
    ///   - descriptor: The descriptor.
    ///   - events: The events to wait for, as poll(2) takes them; errors and hang-ups are always waited for.
    ///   - timeout: Milliseconds, or -1 for ever.
    /// - Returns: The first event.
    package func wait(for descriptor: Int32, _ events: Int32, timeout: Int32 = -1) -> Outcome {
        var items = [
            pollfd(fd: descriptor, events: Int16(events), revents: 0),
            pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let count = poll(&items, 2, timeout)
            if count < 0, errno == EINTR { continue }
            if items[1].revents != 0 { return .woken }
            return count > 0 ? .ready(items[0].revents) : .timedOut
        }
    }
}
