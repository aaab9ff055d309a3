import RedisClient
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Why output could not be written.
enum OutputError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Nobody reads any more.
    case closed
    /// The system refused the write.
    case failed(String)

    var description: String {
        switch self {
        case .closed: "nobody reads the output any more"
        case .failed(let reason): "cannot write the output: \(reason)"
        }
    }
}

/// Writes to a file, pipe or terminal without holding up anybody else when that is slow.
///
/// It waits on a thread of its own. A cancelled task stops waiting, even for a reader that reads no more.
final class OutputFile: Sendable {
    private let descriptor: Int32
    private let thread = WorkerThread()

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Writes bytes; on return the system has taken them all.
    ///
    /// - Throws: ``OutputError``; `CancellationError`.
    func write(_ bytes: [UInt8]) async throws {
        guard !bytes.isEmpty else { return }
        let isCancelled = Atomic(false)
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                thread.enqueue { [descriptor] in
                    continuation.resume(
                        with: Result {
                            try Self.write(bytes, to: descriptor) {
                                isCancelled.load(ordering: .relaxed)
                            }
                        })
                }
            }
        } onCancel: {
            isCancelled.store(true, ordering: .relaxed)
        }
    }

    /// Writes a line of text.
    func line(_ text: String) async throws {
        try await write(Array((text + "\n").utf8))
    }

    /// A write of more than this to a pipe that has room for less would block.
    private static let atomicSize = 4096

    private static func write(
        _ bytes: [UInt8], to descriptor: Int32, isCancelled: () -> Bool
    ) throws {
        var written = 0
        while written < bytes.count {
            var item = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            let ready = poll(&item, 1, 100)
            if isCancelled() { throw CancellationError() }
            guard ready > 0 else { continue }
            let count = bytes.withUnsafeBytes { bytes in
                let part = UnsafeRawBufferPointer(rebasing: bytes[written...].prefix(atomicSize))
                return systemWrite(descriptor, part.baseAddress, part.count)
            }
            if count >= 0 {
                written += count
            } else if errno == EPIPE {
                throw OutputError.closed
            } else if errno != EINTR, errno != EAGAIN {
                throw OutputError.failed(String(cString: strerror(errno)))
            }
        }
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
