import FoundationEssentials
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// A history that the user has named may be any file.
struct HistoryFileTests {
    private let directory: TemporaryDirectory
    private var path: String { "\(directory.path)/history" }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func mode(of path: String) -> mode_t {
        var information = stat()
        return lstat(path, &information) == 0 ? information.st_mode : 0
    }

    private func add(_ lines: String..., to path: String) -> ShellHistory {
        let history = ShellHistory(path: path)
        for line in lines { history.add(line) }
        return history
    }

    @Test func aPipeIsLeftAlone() throws {
        guard mkfifo(path, 0o666) == 0, chmod(path, 0o666) == 0 else { throw SystemError("mkfifo") }
        let before = mode(of: path)
        let history = add("PING", to: path)
        #expect(history.lines == ["PING"])
        #expect(history.problem == "history is not kept: \(path) is not a regular file")
        #expect(mode(of: path) == before)
    }

    @Test(.enabled(if: geteuid() == 0)) func aDeviceIsLeftAlone() throws {
        // The same device as /dev/null.
        guard mknod(path, S_IFCHR | 0o666, 0x103) == 0, chmod(path, 0o666) == 0 else { throw SystemError("mknod") }
        let before = mode(of: path)
        #expect(add("PING", to: path).problem != nil)
        #expect(mode(of: path) == before)
    }

    @Test func theNullDeviceIsNoProblem() {
        let before = mode(of: "/dev/null")
        #expect(add("PING", to: "/dev/null").problem == nil)
        #expect(mode(of: "/dev/null") == before)
    }

    @Test func directoryThatCannotBeMadeIsToldOf() throws {
        try Data("a file".utf8).write(to: URL(fileURLWithPath: path))
        #expect(add("PING", to: "\(path)/redstream/history").problem != nil)
    }

    @Test func aDirectoryIsToldOf() {
        #expect(add("PING", to: directory.path).problem != nil)
    }

    @Test func aFileOfOursIsMadePrivate() throws {
        try "GET a\n".write(toFile: path, atomically: false, encoding: .utf8)
        chmod(path, 0o644)
        #expect(add("PING", to: path).lines == ["GET a", "PING"])
        #expect(mode(of: path) & 0o777 == 0o600)
    }

    @Test func aFileWithASecondNameKeepsItsMode() throws {
        try "GET a\n".write(toFile: path, atomically: false, encoding: .utf8)
        chmod(path, 0o644)
        link(path, "\(directory.path)/other")
        #expect(add("PING", to: path).lines == ["GET a", "PING"])
        #expect(mode(of: path) & 0o777 == 0o644)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "GET a\nPING\n")
    }

    @Test func aSymbolicLinkStaysOneWhenItsFileIsRewritten() throws {
        let target = "\(directory.path)/target"
        let doubles = String(repeating: "PING\n", count: 500)
        try doubles.write(toFile: target, atomically: false, encoding: .utf8)
        symlink("target", path)
        #expect(add(to: path).lines == ["PING"])
        #expect(mode(of: path) & S_IFMT == S_IFLNK)
        #expect(try String(contentsOfFile: target, encoding: .utf8) == "PING\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == ["history", "target"])
    }

    @Test func aLockThatIsNeverGivenUpHoldsUpOneCommandOnly() throws {
        let holder = try OpenFile.keeping(path)
        flock(holder.descriptor, LOCK_EX)
        let history = ShellHistory(path: path, patience: .milliseconds(300))
        history.add("PING")
        let start = ContinuousClock.now
        for number in 0..<100 { history.add("GET \(number)") }
        #expect(start.duration(to: .now) < .seconds(20))
        #expect(history.lines.count == 101)
    }

    @Test func theEndOfAHugeFileIsRead() throws {
        let file = try OpenFile.keeping(path)
        ftruncate(file.descriptor, 3 << 30)
        try Descriptor.writeAll(Array("\nPING\n".utf8), to: file.descriptor)
        #expect(ShellHistory(path: path).lines.last == "PING")
    }
}
