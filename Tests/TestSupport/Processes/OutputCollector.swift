import RedstreamSystem
import Synchronization

/// Collects what comes out of a pipe, on a thread of its own, so that a program never waits for a test.
final class OutputCollector: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        /// Up to where lines were handed out.
        var taken = 0
        var hasEnded = false
    }

    private let state = Mutex(State())

    /// Reads a descriptor to its end, and closes it.
    func collect(from descriptor: Int32) throws {
        try startThread {
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                let count = read(descriptor, &buffer, buffer.count)
                if count > 0 {
                    self.state.withLock { $0.bytes += buffer[..<count] }
                } else if count == 0 || errno != EINTR {
                    break
                }
            }
            close(descriptor)
            self.state.withLock { $0.hasEnded = true }
        }
    }

    var bytes: [UInt8] { state.withLock { $0.bytes } }
    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    enum Line {
        case text(String)
        case end
    }

    /// The next whole line, without its end; `.end` after the last; nil where none has come yet.
    func takeLine() -> Line? {
        state.withLock { state in
            let rest = state.bytes[state.taken...]
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                state.taken = end + 1
                return .text(String(decoding: rest[..<end], as: UTF8.self))
            }
            guard state.hasEnded else { return nil }
            guard !rest.isEmpty else { return .end }
            state.taken = state.bytes.count
            return .text(String(decoding: rest, as: UTF8.self))
        }
    }
}
