import RedstreamSystem
import Synchronization

/// The bytes of a terminal as characters, and notices that interrupt the wait for them.
///
/// It is used by the one thread that reads a line; only ``notify(_:)`` is called from elsewhere.
final class TerminalKeys: @unchecked Sendable {
    // Invariant: `parser` and `elements` belong to the thread that reads, of which there is one at a time; the rest is
    // constant.

    /// The event that ended a wait.
    enum Event: Equatable {
        case key(KeyParser.Element)
        case notice(Notice)
        case ended
    }

    /// A notice of another thread, or of a signal's handler, to the reading thread.
    enum Notice: UInt8 {
        case interrupt = 1
        case redraw
        case resize
        case suspend
        case resume
    }

    private let descriptor: Int32
    private var parser = KeyParser()
    /// Keys that were read, and not taken yet.
    private var elements: ArraySlice<KeyParser.Element> = []
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
    /// While a command runs, they have their default action.
    func listenToJobControl(_ isReading: Bool) {
        for number in [SIGTSTP, SIGCONT] { signal(number, isReading ? forwardNotice : SIG_DFL) }
    }

    /// Stops the program until it is continued.
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

    /// True if a key waits to be read.
    var hasInput: Bool { !elements.isEmpty || Descriptor.wait(for: descriptor, POLLIN, timeout: 0).isReady }

    /// Waits for the next event; without keys or notices no time is spent.
    func next() -> Event {
        while true {
            if let element = elements.popFirst() { return .key(element) }
            switch wait(parser.patience ?? -1) {
            case .notice(let notice): return .notice(notice)
            case .silence: elements += parser.end()
            case .byte(let byte): elements += parser.take(byte)
            case .ended: return .ended
            }
        }
    }

    private enum Arrival {
        case byte(UInt8)
        case notice(Notice)
        case silence
        case ended
    }

    /// Waits for a byte, a notice, or for so many milliseconds.
    private func wait(_ milliseconds: Int32) -> Arrival {
        while true {
            switch Descriptor.wait(for: descriptor, POLLIN, or: readEnd, timeout: milliseconds) {
            case .timedOut: return .silence
            case .ready: return nextByte().map { .byte($0) } ?? .ended
            case .woken:
                var byte: UInt8 = 0
                guard read(readEnd, &byte, 1) == 1 else { continue }
                return .notice(Notice(rawValue: byte) ?? .redraw)
            }
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
}

extension TerminalKeys {
    /// A part of a pasted text, and how it ended.
    struct Paste {
        enum End: Equatable {
            /// By the mark that the terminal sets behind it.
            case mark
            /// Nothing more came for a while: the mark may be lost, or late.
            case silence
            /// A key that leads out of everything was the last before the silence.
            case key(UInt8)
            case interrupted
            /// The terminal has gone.
            case closed
        }

        /// The text: line feeds for returns; without those at its end, where that is known.
        var text: [Unicode.Scalar]
        var end: End
    }

    /// Takes pasted text, up to the mark at its end or until nothing more comes.
    ///
    /// `start` is the part that was taken before.
    func pasted(after start: [UInt8] = []) -> Paste {
        let mark = Array("\u{1B}[201~".utf8)
        var bytes = start
        var end: Paste.End?
        var isToStop = false
        while end == nil {
            switch wait(200) {
            case .byte(let byte):
                bytes.append(byte)
                if byte == mark.last, bytes.suffix(mark.count).elementsEqual(mark) {
                    bytes.removeLast(mark.count)
                    end = .mark
                }
            case .notice(.interrupt): end = .interrupted
            case .ended: end = .closed
            // Within a paste, only the user can have typed these.
            case .silence where bytes.last == 3 || bytes.last == 4: end = .key(bytes.removeLast())
            case .silence: end = .silence
            case .notice(.suspend): isToStop = true
            // The line is drawn anew in any case.
            case .notice: continue
            }
        }
        if isToStop { notify(.suspend) }
        var text = String(decoding: bytes, as: UTF8.self).unicodeScalars.map { $0 == "\r" ? "\n" : $0 }
        if end == .mark { while text.last == "\n" { text.removeLast() } }
        return Paste(text: text, end: end ?? .silence)
    }
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
