import RedstreamConnection
import RedstreamSystem

/// Why output could not be written.
enum OutputError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Nobody reads any more.
    case closed
    /// The system refused the write.
    case failed(SystemError)

    var description: String {
        switch self {
        case .closed: "nobody reads the output any more"
        case .failed(let error): "cannot write the output: \(error.isOfThread ? "\(error)" : error.reason)"
        }
    }
}

/// Writes to a file, pipe or terminal without holding up anybody else when that is slow.
///
/// It waits on threads of its own. A cancelled task stops waiting, even for a reader that reads no more.
final class OutputFile: Sendable {
    private let descriptor: Int32
    private let writer = WorkerThread()
    /// True if the descriptor was closed when the process began: what is written goes nowhere.
    let wasClosed: Bool

    init(descriptor: Int32, wasClosed: Bool = false) {
        self.descriptor = descriptor
        self.wasClosed = wasClosed
    }

    /// Writes bytes; on return the system has taken them all.
    ///
    /// - Throws: ``OutputError``; `CancellationError`.
    func write(_ bytes: [UInt8]) async throws {
        // A reader that keeps up is not worth a change of threads.
        let written = try Self.write(bytes, to: descriptor) { isReady in isReady }
        guard written < bytes.count else { return }
        let rest = Array(bytes[written...])
        try await onThread(writer) { [descriptor] wake in
            _ = try Self.write(rest, to: descriptor) { isReady in
                if !isReady, case .woken = wake.wait(for: descriptor, POLLOUT) { throw CancellationError() }
                return true
            }
        }
    }

    /// Writes a line of text.
    func line(_ text: String) async throws {
        try await write(Array((text + "\n").utf8))
    }

    /// Creates a writer of lines that nobody has to wait for.
    ///
    /// It has a descriptor of its own, since it may outlive this file.
    ///
    /// - Throws: ``OutputError``.
    func lineWriter(
        onDrop: @escaping @Sendable (Int) -> String?, onFailure: @escaping @Sendable (SystemError, [UInt8]) -> Void
    ) throws(OutputError) -> LineWriter {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
        guard copy >= 0 else { throw .failed(SystemError("cannot write")) }
        return LineWriter(descriptor: copy, ownsDescriptor: true, onDrop: onDrop, onFailure: onFailure)
    }

    /// Waits until nobody reads any more, which a writer that has nothing to write would not notice.
    ///
    /// - Throws: ``OutputError/closed``; `CancellationError`.
    func untilClosed() async throws {
        try await onThread(WorkerThread()) { [descriptor] wake in
            // Only errors and hang-ups are waited for.
            guard case .ready = wake.wait(for: descriptor, 0) else { throw CancellationError() }
            throw OutputError.closed
        }
    }

    private func onThread(
        _ thread: WorkerThread, _ body: @escaping @Sendable (WakePipe) throws -> Void
    ) async throws {
        do {
            let wake = try WakePipe()
            try await withTaskCancellationHandler {
                try await thread.run { try body(wake) }
            } onCancel: {
                wake.wake()
            }
        } catch let error as SystemError {
            throw OutputError.failed(error)
        }
    }

    /// A write of more than this to a pipe that has room for less would block.
    private static let atomicSize = 4096

    /// Writes until all is taken, or `goesOn` says to stop: it is told whether the next write will not block.
    ///
    /// - Returns: How many bytes were taken.
    private static func write(
        _ bytes: [UInt8], to descriptor: Int32, while goesOn: (_ isReady: Bool) throws -> Bool
    ) throws -> Int {
        var written = 0
        while written < bytes.count {
            let isReady = Descriptor.wait(for: descriptor, POLLOUT, timeout: 0).isReady
            guard try goesOn(isReady) else { return written }
            do throws(SystemError) {
                written += try Descriptor.write(bytes[written...].prefix(atomicSize), to: descriptor)
            } catch {
                if error.code == EPIPE { throw OutputError.closed }
                if error.code != EAGAIN { throw OutputError.failed(error) }
            }
        }
        return written
    }
}
