import RedstreamSystem
import Synchronization

/// The bytes of a terminal as characters, and what may interrupt the wait for them.
///
/// It is used by the one thread that reads a line; only ``notify(_:)`` is called from elsewhere.
final class TerminalKeys: @unchecked Sendable {
    // Invariant: `ahead` belongs to the thread that reads, of which there is one at a time; the rest is constant.

    /// What a wait ended with.
    enum Event: Equatable {
        case character(Unicode.Scalar)
        case ended
        case interrupted
        case redraw
        case resized
        case suspended
        case resumed
    }

    /// What another thread, or a signal's handler, tells the reading thread.
    enum Notice: UInt8 {
        case interrupt = 1
        case redraw
        case resize
        case suspend
        case resume
    }

    private let descriptor: Int32
    /// A byte that was looked at, and not taken yet.
    private var ahead: UInt8?
    private let readEnd: Int32
    private let writeEnd: Int32

    init(descriptor: Int32) throws(SystemError) {
        self.descriptor = descriptor
        (readEnd, writeEnd) = try Descriptor.pipe()
        for end in [readEnd, writeEnd] { Descriptor.setNonBlocking(end) }
    }

    deinit {
        if noticePipe.load(ordering: .relaxed) == writeEnd { noticePipe.store(-1, ordering: .relaxed) }
        close(readEnd)
        close(writeEnd)
    }

    /// Makes changes of the window's size arrive here.
    func listenToResizes() {
        noticePipe.store(writeEnd, ordering: .sequentiallyConsistent)
        signal(SIGWINCH, forwardNotice)
    }

    /// Makes requests to stop the program, and to go on, arrive here while a line is read.
    ///
    /// While a command runs they mean what they mean to any program.
    func listenToJobControl(_ isReading: Bool) {
        for number in [SIGTSTP, SIGCONT] { signal(number, isReading ? forwardNotice : SIG_DFL) }
    }

    /// Stops the program until somebody lets it go on.
    func stopProgram(group: Bool) {
        if group {
            signal(SIGTSTP, SIG_IGN)
            kill(0, SIGTSTP)
        }
        listenToJobControl(false)
        // To this thread, so that it is not a line further before all threads stand still. Threads that come of a
        // pool hear no signals.
        var stops = sigset_t()
        var before = sigset_t()
        sigemptyset(&stops)
        sigaddset(&stops, SIGTSTP)
        pthread_sigmask(SIG_UNBLOCK, &stops, &before)
        raise(SIGTSTP)
        pthread_sigmask(SIG_SETMASK, &before, nil)
        listenToJobControl(true)
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
        if ahead != nil { return true }
        return waits(0)
    }

    private func waits(_ milliseconds: Int32) -> Bool {
        var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&item, 1, milliseconds) > 0
    }

    /// Whether the key just read is the first byte of a sequence: what a terminal sends comes at once.
    func isFollowed(by bytes: [Unicode.Scalar]) -> Bool {
        if ahead == nil, waits(50) { ahead = nextByte() }
        return ahead.map { bytes.contains(Unicode.Scalar($0)) } ?? false
    }

    /// What the terminal sends up to the end of a paste, line feeds for returns, without those at its end.
    func pasted() -> [Unicode.Scalar] {
        let end = Array("\u{1B}[201~".unicodeScalars)
        var text: [Unicode.Scalar] = []
        loop: while !text.ends(with: end) {
            switch next() {
            case .character(let scalar): text.append(scalar == "\r" ? "\n" : scalar)
            case .ended, .interrupted: break loop
            // The line is drawn anew in any case.
            case .redraw, .resized, .suspended, .resumed: continue
            }
        }
        if text.ends(with: end) { text.removeLast(end.count) }
        while text.last == "\n" { text.removeLast() }
        return text
    }

    /// Waits for the next event; without keys or notices no time is spent.
    func next() -> Event {
        while true {
            if let byte = ahead.take() { return .character(character(beginningWith: byte)) }
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
                case .suspend: return .suspended
                case .resume: return .resumed
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
            // The rest of a key comes at once, or it is none.
            guard waits(100), let next = nextByte() else { break }
            bytes.append(next)
        }
        return String(decoding: bytes, as: UTF8.self).unicodeScalars.first ?? "\u{FFFD}"
    }
}

extension Array where Element: Equatable {
    fileprivate func ends(with end: [Element]) -> Bool { suffix(end.count).elementsEqual(end) }
}

private let noticePipe = Atomic<Int32>(-1)

private let forwardNotice: @convention(c) (Int32) -> Void = { number in
    let notice: TerminalKeys.Notice =
        switch number {
        case SIGTSTP: .suspend
        case SIGCONT: .resume
        default: .resize
        }
    var byte = notice.rawValue
    let before = errno
    _ = write(noticePipe.load(ordering: .sequentiallyConsistent), &byte, 1)
    errno = before
}
