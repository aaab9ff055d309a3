import RedisClient

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Reads a file, pipe or terminal in chunks, on a thread of its own.
final class InputFile: Sendable {
    private let descriptor: Int32
    private let thread = WorkerThread()
    private let wake = WakePipe()

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// What a read brought.
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
            let chunk = try await withCheckedThrowingContinuation { continuation in
                thread.enqueue { [self] in continuation.resume(with: Result { try readNow(atMost: size) }) }
            }
            try Task.checkCancellation()
            return chunk
        } onCancel: {
            stop()
        }
    }

    /// Ends the reading: what waits for input, now or later, is told so.
    func stop() {
        wake.wake()
    }

    private func readNow(atMost size: Int) throws -> Chunk {
        while true {
            if case .woken = wake.wait(for: descriptor, POLLIN) { return .stopped }
            var count = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
                count = systemRead(descriptor, buffer.baseAddress, size)
                initialized = max(count, 0)
            }
            if count < 0 {
                guard errno == EINTR || errno == EAGAIN else {
                    throw Failure(.badData, "cannot read the input: \(String(cString: strerror(errno)))")
                }
                continue
            }
            guard count > 0 else { return .end }
            if case .ready = wake.wait(for: descriptor, POLLIN, timeout: 0) {
                return .bytes(bytes, isLastForNow: false)
            }
            return .bytes(bytes, isLastForNow: true)
        }
    }
}

private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}
