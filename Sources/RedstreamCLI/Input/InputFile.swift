import RedstreamSystem
import Synchronization

/// Reads a file, pipe or terminal in chunks, on a thread of its own.
final class InputFile: Sendable {
    private let descriptor: Int32
    /// The open file, which is closed with this object; nil for a descriptor of somebody else's.
    private let file: OpenFile?
    private let thread: WorkerThread
    /// Ends a wait; nil for a regular file, which nobody waits for.
    private let wake: WakePipe?
    private let isStopped = Atomic(false)

    /// Prepares to read a descriptor, which stays its owner's, or is that of a file that was opened for it.
    ///
    /// - Throws: `SystemError` if the system has no means to end a wait.
    init(descriptor: Int32, of file: OpenFile? = nil) throws(SystemError) {
        self.descriptor = descriptor
        self.file = file
        thread = WorkerThread()
        wake = try WakePipe()
    }

    /// Prepares to read a file that was opened for it.
    convenience init(_ file: OpenFile) throws(SystemError) {
        try self.init(descriptor: file.descriptor, of: file)
    }

    /// Prepares to read a regular file on a thread that runs already.
    init(regularFile descriptor: Int32, on thread: WorkerThread) {
        self.descriptor = descriptor
        file = nil
        self.thread = thread
        wake = nil
    }

    /// The outcome of a read.
    enum Chunk: Sendable {
        /// Bytes, and whether nothing more is there at this moment, so that they should go their way.
        case bytes([UInt8], isLastForNow: Bool)
        /// The input has ended.
        case end
        /// ``InputFile/stop()`` was called; the last line may be there in part only.
        case stopped
    }

    /// Waits for the next bytes.
    ///
    /// - Throws: ``Failure`` when the system refuses the read; `CancellationError`.
    func read(atMost size: Int) async throws -> Chunk {
        try await withTaskCancellationHandler {
            let chunk = try await thread.run { [self] in try readNow(atMost: size) }
            try Task.checkCancellation()
            return chunk
        } onCancel: {
            stop()
        }
    }

    /// Ends the reading, now or later.
    func stop() {
        isStopped.store(true, ordering: .relaxed)
        wake?.wake()
    }

    private func readNow(atMost size: Int) throws -> Chunk {
        while true {
            if isStopped.load(ordering: .relaxed) { return .stopped }
            if case .woken = wake?.wait(for: descriptor, POLLIN) { return .stopped }
            let bytes: [UInt8]
            do throws(SystemError) {
                bytes = try Descriptor.read(from: descriptor, atMost: size)
            } catch {
                guard error.code == EAGAIN else {
                    throw Failure(.badData, "cannot read the input: \(error.reason)")
                }
                continue
            }
            guard !bytes.isEmpty else { return .end }
            if case .timedOut = wake?.wait(for: descriptor, POLLIN, timeout: 0) {
                return .bytes(bytes, isLastForNow: true)
            }
            return .bytes(bytes, isLastForNow: false)
        }
    }
}
