import FoundationEssentials
import RedstreamSystem

/// Ends the programs and removes the directories of this test process when it ends, however it ends.
///
/// A shell waits for the end of a pipe whose other end only this process holds; the system closes it, SIGKILL
/// included. What the shell has to do stands in a directory: a file for each process, everything else beside.
final class Undertaker: Sendable {
    static let shared: Undertaker = {
        do {
            return try Undertaker()
        } catch {
            preconditionFailure("no clean-up, no tests: \(error)")
        }
    }()

    private let root: String
    private let pipe: (readEnd: Int32, writeEnd: Int32)

    init() throws {
        // Not TMPDIR: a socket's path has room for a hundred bytes.
        var template = Array("/tmp/redstream-tests-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp") }
        root = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard mkdir("\(root)/processes", 0o700) == 0 else { throw SystemError("mkdir") }
        pipe = try Descriptor.pipe()
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        let script = """
            trap '' INT TERM HUP
            cat
            cd "$1/processes" && for process in *; do kill -KILL "$process" "-$process"; done
            cd / && until rm -rf "$1"; do sleep 1; done
            """
        _ = try ChildProcess.spawn(
            "sh", ["-c", script, "sh", root], ProcessEnvironment.minimal, [pipe.readEnd, null, null])
        close(pipe.readEnd)
        close(null)
    }

    deinit {
        close(pipe.writeEnd)
    }

    /// Makes sure that a process ends with this one.
    func watch(_ processID: pid_t) {
        let file = open("\(root)/processes/\(processID)", O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
        if file >= 0 { close(file) }
    }

    /// Leaves a process alone, which has ended.
    func forget(_ processID: pid_t) {
        unlink("\(root)/processes/\(processID)")
    }

    /// Makes a directory that is removed with this process at the latest.
    func makeDirectory() throws -> String {
        var template = Array("\(root)/XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp") }
        return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// A directory for one test, removed when it has gone.
package final class TemporaryDirectory: Sendable {
    /// Its path, short enough for sockets.
    package let path: String

    /// Makes an empty directory.
    package init() throws {
        path = try Undertaker.shared.makeDirectory()
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}
