extension OpenFile {
    /// The reason for which a file could not be read to its end.
    package enum ContentsError: Error, Sendable, Equatable, CustomStringConvertible {
        /// The system refused it.
        case refused(SystemError)
        /// It has more bytes than it may.
        case tooLong(limit: Int)
        /// Its writer did not come to an end in time.
        case timedOut
        /// Nobody needs it any more.
        case stopped

        package var description: String {
            switch self {
            case .refused(let error): error.reason
            case .tooLong(let limit): "it is longer than \(limit) bytes"
            case .timedOut: "it did not come to an end in time"
            case .stopped: "the wait was cut short"
            }
        }
    }

    /// Reads the file, and blocks while the writer of a pipe, or somebody at a terminal, takes their time.
    ///
    /// - Parameters:
    ///   - limit: The most bytes that are returned.
    ///   - end: Returns the number of bytes that are wanted, once they have been read; by default all are.
    ///   - deadline: The end of the wait; nil for as long as it takes.
    ///   - isStopped: Returns whether nobody needs it any more; it is asked several times a second.
    /// - Returns: The bytes up to the end of the file, or those that are wanted.
    /// - Throws: ``ContentsError``.
    package func contents(
        atMost limit: Int, upTo end: ([UInt8]) -> Int? = { _ in nil }, by deadline: ContinuousClock.Instant? = nil,
        unless isStopped: () -> Bool = { false }
    ) throws(ContentsError) -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            guard !isStopped() else { throw .stopped }
            if let deadline, deadline < .now { throw .timedOut }
            guard case .ready = Descriptor.wait(for: descriptor, POLLIN, timeout: 50) else { continue }
            let chunk: [UInt8]
            do throws(SystemError) {
                chunk = try Descriptor.read(from: descriptor, atMost: 65536)
            } catch {
                guard error.code == EAGAIN else { throw .refused(error) }
                continue
            }
            bytes += chunk
            let wanted = end(bytes) ?? bytes.count
            guard wanted <= limit else { throw .tooLong(limit: limit) }
            guard chunk.isEmpty || wanted < bytes.count else { continue }
            bytes.removeLast(bytes.count - wanted)
            return bytes
        }
    }
}
