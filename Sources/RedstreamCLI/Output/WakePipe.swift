#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Wakes a thread that waits for a descriptor.
final class WakePipe: Sendable {
    private let readEnd: Int32
    private let writeEnd: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        // Without a pipe, waits cannot be cut short; they end all the same.
        _ = pipe(&ends)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Ends every wait, this one and those to come.
    func wake() {
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)
    }

    /// What a wait ended with.
    enum Outcome {
        case ready(Int16)
        case timedOut
        case woken
    }

    /// Waits until something happens to a descriptor.
    ///
    /// - Parameters:
    ///   - descriptor: The descriptor.
    ///   - events: What to wait for, as poll(2) takes it; errors and hang-ups are always waited for.
    ///   - timeout: Milliseconds, or -1 for ever.
    /// - Returns: What happened first.
    func wait(for descriptor: Int32, _ events: Int32, timeout: Int32 = -1) -> Outcome {
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
