import RedstreamSystem
import Synchronization
import SystemPackage

/// What was typed, in a file that only its owner reads.
///
/// Every line is appended at once, under a lock, so that shells at the same time keep each other's; the file is
/// rewritten, capped and without doubles, when it has grown to twice its size.
final class ShellHistory: Sendable {
    /// The most commands that are kept.
    static let capacity = 5000
    private let path: String?
    private let kept: Mutex<[String]>

    /// Reads the history of the user.
    convenience init(environment: [String: String]) {
        self.init(path: Self.path(environment))
    }

    /// Reads a history; without a path it lasts as long as the shell.
    init(path: String?) {
        self.path = path
        kept = Mutex([])
        guard let path else { return }
        let stored = Self.read(path)
        let unique = Self.unique(stored)
        kept.withLock { $0 = unique }
        if stored.count > Self.capacity * 2 || stored.count > unique.count * 2 + 100 { Self.rewrite(path) }
    }

    /// The file: `REDSTREAM_HISTFILE`, which may be empty for none, or one in the XDG state directory.
    static func path(_ environment: [String: String]) -> String? {
        if let path = environment["REDSTREAM_HISTFILE"] { return path.isEmpty ? nil : path }
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return "\(state)/redstream/history" }
        return environment["HOME"].flatMap { $0.isEmpty ? nil : "\($0)/.local/state/redstream/history" }
    }

    /// The commands, the last one last.
    var lines: [String] { kept.withLock { $0 } }

    /// Adds a command, unless it holds a secret or is the last one again.
    ///
    /// Returns whether it was added.
    @discardableResult
    func add(_ line: String) -> Bool {
        guard !line.trimmingBlanks.isEmpty, !SecretLines.holdsSecret(line) else { return false }
        let isNew = kept.withLock { lines -> Bool in
            guard lines.last != line else { return false }
            lines = Self.unique(lines + [line])
            return true
        }
        if isNew, let path { Self.append(line, to: path) }
        return isNew
    }

    /// Each command once, where it was last, and no more than fit.
    static func unique(_ lines: [String]) -> [String] {
        var seen = Set<String>()
        let latest = lines.reversed().filter { seen.insert($0).inserted }
        return latest.prefix(capacity).reversed()
    }

    /// A command as a line of the file.
    static func encoded(_ line: String) -> String {
        line.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\")
            .split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\\n")
    }

    /// A line of the file as the command that it was.
    static func decoded(_ line: Substring) -> String {
        var text = ""
        var isEscaped = false
        for character in line {
            if isEscaped {
                text.append(character == "n" ? "\n" : character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                text.append(character)
            }
        }
        return text
    }

    private static func read(_ path: String) -> [String] {
        guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec) else { return [] }
        return (try? file.closeAfter { try lines(of: file) }) ?? []
    }

    private static func lines(of file: FileDescriptor) throws -> [String] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
            if count == 0 { break }
            bytes += buffer.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(decoded)
    }

    private static func append(_ line: String, to path: String) {
        makeDirectory(of: path)
        withLocked(path) { file in
            // One that was there before may be open to others.
            fchmod(file.rawValue, 0o600)
            _ = try file.writeAll(Array((encoded(line) + "\n").utf8))
        }
    }

    private static func rewrite(_ path: String) {
        withLocked(path) { file in
            // Another shell may have written since it was read.
            let text = unique(try lines(of: file)).map { encoded($0) + "\n" }.joined()
            let draft = "\(path).\(getpid())"
            let new = try FileDescriptor.open(
                FilePath(draft), .writeOnly, options: [.create, .truncate, .closeOnExec],
                permissions: .ownerReadWrite)
            _ = try new.closeAfter { try new.writeAll(Array(text.utf8)) }
            rename(draft, path)
        }
    }

    /// Opens the file for appending and reading while no other shell has it; a history that cannot be kept is none.
    private static func withLocked(_ path: String, _ body: (FileDescriptor) throws -> Void) {
        let options: FileDescriptor.OpenOptions = [.create, .append, .closeOnExec]
        while let file = try? FileDescriptor.open(
            FilePath(path), .readWrite, options: options, permissions: .ownerReadWrite)
        {
            defer { try? file.close() }
            flock(file.rawValue, LOCK_EX)
            var opened = stat()
            var named = stat()
            fstat(file.rawValue, &opened)
            // While this one waited, another may have put a new file in its place.
            guard stat(path, &named) != 0 || opened.st_ino == named.st_ino else { continue }
            try? body(file)
            return
        }
    }

    private static func makeDirectory(of path: String) {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/").dropLast() {
            made += "/\(part)"
            mkdir(made, 0o700)
        }
    }
}
