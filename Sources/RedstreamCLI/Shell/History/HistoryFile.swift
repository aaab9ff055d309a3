import Redstream
import RedstreamSystem
import Synchronization

/// A file of commands, a line each, which the user has named and which shells share.
///
/// Anything but a regular file is left alone. Only a file of the user's own is made private or rewritten.
final class HistoryFile: Sendable {
    /// The most bytes that are read, from the end of the file.
    private static let limit = 16 << 20
    private let path: String
    /// The time that another shell may hold the lock.
    private let patience: Duration
    /// True if another process has held the lock for too long, and may do so for ever.
    private let isGivenUp = Atomic(false)

    init(_ path: String, patience: Duration) {
        self.path = path
        self.patience = patience
    }

    /// Reads all commands; none if there is no file.
    ///
    /// - Throws: `SystemError`, for anything but a regular file too.
    func lines() throws(SystemError) -> [String] {
        guard OpenFile.kind(of: path) != nil else {
            guard access(makeDirectory(), W_OK) == 0 else { throw SystemError("cannot make \(path)") }
            return []
        }
        return try Self.lines(of: OpenFile.keeping(path))
    }

    /// Appends a command, unless the file cannot be written.
    func append(_ line: String) {
        makeDirectory()
        guard let file = try? locked() else { return }
        // One that was there before may be open to others.
        if file.isOurs { fchmod(file.descriptor, 0o600) }
        try? Descriptor.writeAll(Array((Self.encoded(line) + "\n").utf8), to: file.descriptor)
    }

    /// Replaces the commands by the result of a closure.
    func rewrite(_ change: ([String]) -> [String]) {
        // Another shell may have written since it was read.
        guard let file = try? locked(), file.isOurs, let lines = try? Self.lines(of: file),
            let target = realpath(path, nil)
        else { return }
        defer { free(target) }
        var draft = Array("\(String(cString: target)).XXXXXX".utf8CString)
        let descriptor = mkstemp(&draft)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        Descriptor.setCloseOnExec(descriptor)
        let text = change(lines).map { Self.encoded($0) + "\n" }.joined()
        let isWritten: Void? = try? Descriptor.writeAll(Array(text.utf8), to: descriptor)
        if isWritten == nil || rename(draft, target) != 0 { unlink(draft) }
    }

    /// Opens the file while no other shell has it.
    private func locked() throws(SystemError) -> OpenFile {
        let deadline = ContinuousClock.now.advanced(by: patience)
        while true {
            let file = try OpenFile.keeping(path)
            while flock(file.descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
                guard !isGivenUp.load(ordering: .relaxed), deadline > .now else {
                    isGivenUp.store(true, ordering: .relaxed)
                    throw SystemError("cannot lock \(path)", code: EWOULDBLOCK)
                }
                usleep(2000)
            }
            var opened = stat()
            var named = stat()
            fstat(file.descriptor, &opened)
            // While this one waited, another may have put a new file in its place.
            if stat(path, &named) != 0 || opened.st_ino == named.st_ino { return file }
        }
    }

    /// Makes the directory of the file.
    ///
    /// - Returns: Its path; it may not be there all the same.
    @discardableResult
    private func makeDirectory() -> String {
        var made = path.begins(with: "/") ? "" : "."
        for part in path.unicodeScalars.split(separator: "/").dropLast() {
            made += "/\(String(part))"
            mkdir(made, 0o700)
        }
        return made.isEmpty ? "/" : made
    }

    private static func lines(of file: OpenFile) throws(SystemError) -> [String] {
        let rest = max((file.size ?? 0) - limit, 0)
        lseek(file.descriptor, off_t(rest), SEEK_SET)
        let bytes: [UInt8]
        do throws(OpenFile.ContentsError) {
            bytes = try file.contents(atMost: limit * 2)
        } catch {
            if case .refused(let error) = error { throw error }
            return []
        }
        // The first line may be there in part only.
        let whole = rest == 0 ? bytes[...] : bytes.drop { $0 != UInt8(ascii: "\n") }
        return whole.split(separator: UInt8(ascii: "\n")).map { decoded(String(decoding: $0, as: UTF8.self)) }
    }

    /// A command as a line of the file.
    static func encoded(_ line: String) -> String {
        var text = String.UnicodeScalarView()
        for scalar in line.unicodeScalars {
            if scalar == "\\" || scalar == "\n" { text.append("\\") }
            text.append(scalar == "\n" ? "n" : scalar)
        }
        return String(text)
    }

    /// A line of the file as the command that it was.
    static func decoded(_ line: some StringProtocol) -> String {
        var text = String.UnicodeScalarView()
        var isEscaped = false
        for scalar in line.unicodeScalars {
            if isEscaped {
                text.append(scalar == "n" ? "\n" : scalar)
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else {
                text.append(scalar)
            }
        }
        return String(text)
    }
}
