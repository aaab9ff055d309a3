import Dispatch
import RedstreamSystem
import Synchronization

/// Writes lines without letting a reader that is slow, or does not read at all, hold up the work.
///
/// A thread of its own writes them. A caller waits until its line is written, so that lines to several files keep their
/// order, but for a moment only, and not at all while the reader takes nothing. Lines that do not fit into the backlog
/// are dropped, and counted.
final class LineWriter: Sendable {
    /// The longest that a line holds up its caller.
    private static let patience = DispatchTimeInterval.milliseconds(500)
    /// The most bytes that are written at a time.
    private static let pieceSize = 4096
    /// The most bytes that wait for the reader.
    static let capacity = 64 << 10

    private struct State {
        var backlog = LineBacklog(capacity: LineWriter.capacity)
        /// True if the thread has something to write.
        var isWriting = false
        /// True if a caller has waited in vain, and nothing was written since.
        var isStuck = false
        /// The number of pieces that were written.
        var progress = 0
        /// Lines that were lost and not told of yet.
        var lost = 0
        var waiters: [DispatchSemaphore] = []
    }

    private let descriptor: Int32
    private let ownsDescriptor: Bool
    private let thread = WorkerThread()
    private let state = Mutex(State())
    private let onDrop: @Sendable (Int) -> String?
    private let onFailure: (@Sendable (SystemError, [UInt8]) -> Void)?

    /// Creates a writer.
    ///
    /// - Parameters:
    ///   - descriptor: The descriptor to write to.
    ///   - ownsDescriptor: True to close it in the end.
    ///   - onDrop: Is told how many lines were dropped, and returns the text to write in their place, if any.
    ///   - onFailure: Is given lines that could not be written, and the reason; they are not counted as dropped then.
    init(
        descriptor: Int32, ownsDescriptor: Bool = false, onDrop: @escaping @Sendable (Int) -> String?,
        onFailure: (@Sendable (SystemError, [UInt8]) -> Void)? = nil
    ) {
        self.descriptor = descriptor
        self.ownsDescriptor = ownsDescriptor
        self.onDrop = onDrop
        self.onFailure = onFailure
    }

    deinit {
        if ownsDescriptor { close(descriptor) }
    }

    /// True if the reader has not taken earlier lines in time.
    var isStuck: Bool { state.withLock { $0.isStuck } }

    /// Writes text: a line with its end, or part of one.
    func write(_ text: String) {
        let (starts, progress) = state.withLock { state in
            state.backlog.append(Array(text.utf8))
            defer { state.isWriting = true }
            return (!state.isWriting, state.progress)
        }
        if starts {
            do {
                try thread.enqueue { [self] in drain(mayWait: true) }
            } catch {
                // The system refuses a thread: text that would block is lost.
                drain(mayWait: false)
            }
        }
        guard !isStuck, !wait(atMost: Self.patience) else { return }
        state.withLock { $0.isStuck = $0.isWriting && $0.progress == progress }
    }

    /// Gives the reader a last moment to take what is not written yet.
    func finish() {
        _ = wait(atMost: Self.patience)
    }

    /// Waits until all text is written.
    ///
    /// - Returns: True if it was in time.
    private func wait(atMost limit: DispatchTimeInterval) -> Bool {
        let waiter: DispatchSemaphore? = state.withLock { state in
            guard state.isWriting else { return nil }
            let waiter = DispatchSemaphore(value: 0)
            state.waiters.append(waiter)
            return waiter
        }
        return waiter.map { $0.wait(timeout: .now() + limit) == .success } ?? true
    }

    private func drain(mayWait: Bool) {
        while let chunk = next() {
            do {
                try write(chunk.bytes, mayWait: mayWait)
            } catch {
                state.withLock { $0.lost += chunk.dropped + (onFailure == nil ? chunk.lines : 0) }
                onFailure?(error, chunk.bytes)
                continue
            }
            tellLost(chunk.dropped, mayWait: mayWait)
        }
    }

    /// The next lines; nil once all are written.
    private func next() -> LineBacklog.Chunk? {
        let (chunk, waiters): (LineBacklog.Chunk?, [DispatchSemaphore]) = state.withLock { state in
            if let chunk = state.backlog.take() { return (chunk, []) }
            state.isWriting = false
            state.isStuck = false
            defer { state.waiters = [] }
            return (nil, state.waiters)
        }
        for waiter in waiters { waiter.signal() }
        return chunk
    }

    private func tellLost(_ dropped: Int, mayWait: Bool) {
        let lost = state.withLock { state in
            state.lost += dropped
            return state.lost
        }
        guard lost > 0 else { return }
        if let notice = onDrop(lost) {
            do { try write(Array(notice.utf8), mayWait: mayWait) } catch { return }
        }
        state.withLock { $0.lost -= lost }
    }

    private func write(_ bytes: [UInt8], mayWait: Bool) throws(SystemError) {
        if !mayWait {
            var item = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&item, 1, 0) > 0 else { throw SystemError("cannot write", code: EAGAIN) }
        }
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Self.pieceSize)
            try Descriptor.writeAll(Array(piece), to: descriptor)
            rest = rest.dropFirst(piece.count)
            state.withLock { state in
                state.progress += 1
                state.isStuck = false
            }
        }
    }
}

/// Lines that wait for a slow reader: no more than fit, and the number of those that were dropped.
struct LineBacklog {
    /// Lines that are written together.
    struct Chunk: Equatable {
        var bytes: [UInt8] = []
        var lines = 0
        /// The number of lines after these that were dropped.
        var dropped = 0
    }

    /// The most bytes that wait, apart from a single line that is longer.
    let capacity: Int
    private var waiting = Chunk()

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// Appends a line, or drops it if there is no room.
    mutating func append(_ line: [UInt8]) {
        let fits = waiting.lines == 0 || waiting.bytes.count + line.count <= capacity
        // A line after a dropped one would hide that something is missing.
        guard fits, waiting.dropped == 0 else {
            waiting.dropped += 1
            return
        }
        waiting.bytes += line
        waiting.lines += 1
    }

    /// Takes all that waits; nil if nothing does.
    mutating func take() -> Chunk? {
        guard waiting.lines > 0 else { return nil }
        defer { waiting = Chunk() }
        return waiting
    }
}
