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
    struct Chunk: Sendable {
        /// The bytes; empty at the end of the input.
        var bytes: [UInt8]
        /// Whether nothing more is there at this moment, so that what was read should go its way.
        var isLastForNow: Bool
    }

    /// Waits for the next bytes.
    ///
    /// - Throws: ``Failure`` when the system refuses the read; `CancellationError`, also ever after.
    func read(atMost size: Int) async throws -> Chunk {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                thread.enqueue { [self] in continuation.resume(with: Result { try readNow(atMost: size) }) }
            }
        } onCancel: {
            wake.wake()
        }
    }

    private func readNow(atMost size: Int) throws -> Chunk {
        while true {
            if case .woken = wake.wait(for: descriptor, POLLIN) { throw CancellationError() }
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
            if count > 0, case .ready = wake.wait(for: descriptor, POLLIN, timeout: 0) {
                return Chunk(bytes: bytes, isLastForNow: false)
            }
            return Chunk(bytes: bytes, isLastForNow: true)
        }
    }
}

private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}
