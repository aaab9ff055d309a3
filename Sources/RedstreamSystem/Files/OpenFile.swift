/// An open file that the user has named: it may be a pipe, a terminal or a device too.
///
/// Opening it never blocks, changes nothing but what is asked for, and makes no terminal ours. It is closed when this
/// object has gone.
package final class OpenFile: Sendable {
    /// The kind of a file.
    package enum Kind: Sendable {
        case regular
        case directory
        case pipe
        case other
    }

    /// The descriptor; calls on it do not block.
    package let descriptor: Int32
    /// The kind of the file.
    package let kind: Kind
    /// The size in bytes; nil if it is no regular file.
    package let size: Int?
    /// True if it is a regular file that belongs to the user of this process, and has no other name.
    package let isOurs: Bool

    deinit {
        close(descriptor)
    }

    private init(_ path: String, _ flags: Int32, mode: mode_t = 0) throws(SystemError) {
        try Resources.requireDescriptors(1)
        // A pipe or a device is opened at once, and a terminal does not become the one that sends us signals.
        let always = O_CLOEXEC | O_NONBLOCK | O_NOCTTY
        var number: Int32
        repeat { number = systemOpen(path, flags | always, mode) } while number < 0 && errno == EINTR
        guard number >= 0 else { throw SystemError("cannot open \(path)") }
        descriptor = number
        var status = stat()
        let isKnown = fstat(number, &status) == 0
        kind = isKnown ? Kind(status) : .other
        size = kind == .regular ? Int(status.st_size) : nil
        isOurs = kind == .regular && status.st_uid == geteuid() && status.st_nlink == 1
    }

    /// Opens a file for reading.
    ///
    /// - Throws: ``SystemError``, such as for a directory.
    package static func reading(_ path: String) throws(SystemError) -> OpenFile {
        let file = try OpenFile(path, O_RDONLY)
        guard file.kind != .directory else { throw SystemError("cannot read \(path)", code: EISDIR) }
        return file
    }

    /// Opens a file for writing, which is made if there is none.
    ///
    /// - Throws: ``SystemError``; with `ENXIO` for a pipe that nobody reads yet.
    package static func writing(_ path: String, appends: Bool) throws(SystemError) -> OpenFile {
        try OpenFile(path, O_WRONLY | O_CREAT | (appends ? O_APPEND : O_TRUNC), mode: 0o666)
    }

    /// Opens a file that is kept for this user, for reading and appending; it is made, for nobody else, if there is none.
    ///
    /// - Throws: ``SystemError``, with `EINVAL` for anything but a regular file: that is not even opened.
    package static func keeping(_ path: String) throws(SystemError) -> OpenFile {
        let refusal = SystemError("cannot use \(path)", code: EINVAL)
        if let kind = kind(of: path), kind != .regular { throw refusal }
        let file = try OpenFile(path, O_RDWR | O_CREAT | O_APPEND, mode: 0o600)
        // Another process may have replaced it meanwhile.
        guard file.kind == .regular else { throw refusal }
        return file
    }

    /// Checks that all that was written has a place: some file systems tell only when a file is closed.
    ///
    /// - Throws: ``SystemError``.
    package func checkIsStored() throws(SystemError) {
        let copy = dup(descriptor)
        guard copy < 0 || close(copy) == 0 else { throw SystemError("cannot write") }
    }

    /// The kind of the file of that name, symbolic links followed; nil if there is none.
    package static func kind(of path: String) -> Kind? {
        var status = stat()
        return stat(path, &status) == 0 ? Kind(status) : nil
    }
}

extension OpenFile.Kind {
    fileprivate init(_ status: stat) {
        self =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            case S_IFIFO: .pipe
            default: .other
            }
    }
}

private func systemOpen(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
    open(path, flags, mode)
}

extension OpenFile {
    /// The reason for which a file could not be read to its end.
    package enum ContentsError: Error, Sendable, Equatable, CustomStringConvertible {
        /// The system refused it.
        case refused(SystemError)
        /// It has more bytes than it may.
        case tooLong(limit: Int)
        /// Its writer did not come to an end in time.
        case timedOut
        /// The caller does not need it any more.
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

    /// Reads the file, and blocks until the writer of a pipe, or the user of a terminal, comes to an end.
    ///
    /// - Parameters:
    ///   - limit: The most bytes that are returned.
    ///   - end: Returns the number of bytes that are wanted, once they have been read; by default all are.
    ///   - deadline: The end of the wait; nil for as long as it takes.
    ///   - isStopped: Returns whether the caller does not need it any more; it is asked several times a second.
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
