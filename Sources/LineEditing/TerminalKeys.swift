import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The bytes of a terminal as characters, and what may interrupt the wait for them.
///
/// It is used by the one thread that reads a line; only ``notify(_:)`` is called from elsewhere.
final class TerminalKeys: @unchecked Sendable {
    // Invariant: the members are constants; of reads there is one at a time.

    /// What a wait ended with.
    enum Event: Equatable {
        case character(Unicode.Scalar)
        case ended
        case interrupted
        case redraw
        case resized
    }

    /// What another thread, or a signal's handler, tells the reading thread.
    enum Notice: UInt8 {
        case interrupt = 1
        case redraw
        case resize
    }

    private let descriptor: Int32
    private let readEnd: Int32
    private let writeEnd: Int32

    init(descriptor: Int32) {
        self.descriptor = descriptor
        var ends: [Int32] = [-1, -1]
        _ = pipe(&ends)
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        if resizePipe.load(ordering: .relaxed) == writeEnd { resizePipe.store(-1, ordering: .relaxed) }
        close(readEnd)
        close(writeEnd)
    }

    /// Makes changes of the window's size arrive here.
    func listenToResizes() {
        resizePipe.store(writeEnd, ordering: .sequentiallyConsistent)
        signal(SIGWINCH, forwardResize)
    }

    /// Wakes the reading thread.
    func notify(_ notice: Notice) {
        var byte = notice.rawValue
        _ = write(writeEnd, &byte, 1)
    }

    /// Forgets notices that came while nothing was read.
    func forgetNotices() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(readEnd, &bytes, bytes.count) > 0 {}
    }

    /// Whether a key waits to be read.
    var hasInput: Bool {
        var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&item, 1, 0) > 0
    }

    /// Waits for the next event; without keys or notices no time is spent.
    func next() -> Event {
        while true {
            var items = [
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&items, 2, -1) > 0 else {
                if errno == EINTR { continue }
                return .ended
            }
            if items[1].revents != 0 {
                var byte: UInt8 = 0
                guard read(readEnd, &byte, 1) == 1 else { continue }
                switch Notice(rawValue: byte) {
                case .interrupt: return .interrupted
                case .resize: return .resized
                default: return .redraw
                }
            }
            guard let byte = nextByte() else { return .ended }
            return .character(character(beginningWith: byte))
        }
    }

    private func nextByte() -> UInt8? {
        var byte: UInt8 = 0
        while true {
            let count = read(descriptor, &byte, 1)
            if count == 1 { return byte }
            if count == 0 || errno != EINTR && errno != EAGAIN { return nil }
        }
    }

    /// A byte that begins no character of UTF-8 becomes a replacement character.
    private func character(beginningWith byte: UInt8) -> Unicode.Scalar {
        if byte < 0x80 { return Unicode.Scalar(byte) }
        let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC2 ? 2 : 1
        var bytes = [byte]
        while bytes.count < length {
            var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            // The rest of a key comes at once, or it is none.
            guard poll(&item, 1, 100) > 0, let next = nextByte() else { break }
            bytes.append(next)
        }
        return String(decoding: bytes, as: UTF8.self).unicodeScalars.first ?? "\u{FFFD}"
    }
}

private let resizePipe = Atomic<Int32>(-1)

private let forwardResize: @convention(c) (Int32) -> Void = { _ in
    var byte = TerminalKeys.Notice.resize.rawValue
    let before = errno
    _ = write(resizePipe.load(ordering: .sequentiallyConsistent), &byte, 1)
    errno = before
}
