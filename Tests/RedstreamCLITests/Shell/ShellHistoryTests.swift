import FoundationEssentials
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

struct ShellHistoryTests {
    private let directory: TemporaryDirectory
    private var path: String { "\(directory.path)/state/redstream/history" }

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test func keepsEachLineOnceWhereItWasLast() {
        let history = ShellHistory(path: path)
        for line in ["PING", "GET a", "PING", "PING", "SET a 'x\ny\\n'"] { history.add(line) }
        #expect(history.lines == ["GET a", "PING", "SET a 'x\ny\\n'"])
        #expect(ShellHistory(path: path).lines == history.lines)
    }

    @Test func isReadByItsOwnerOnly() throws {
        ShellHistory(path: path).add("PING")
        var information = stat()
        #expect(stat(path, &information) == 0)
        #expect(information.st_mode & 0o777 == 0o600)
    }

    @Test func neverHoldsSecrets() throws {
        let history = ShellHistory(path: path)
        #expect(!history.add("AUTH hunter2"))
        #expect(history.add("PING"))
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "PING\n")
    }

    @Test func isCapped() throws {
        let history = ShellHistory(path: path)
        history.add("first")
        let many = (0..<ShellHistory.capacity * 2).map { "GET \($0)\n" }.joined()
        try many.write(toFile: path, atomically: false, encoding: .utf8)
        #expect(ShellHistory(path: path).lines.count == ShellHistory.capacity)
        let again = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(again.count <= ShellHistory.capacity * 2)
    }

    @Test func keepsTheLinesOfShellsAtTheSameTime() async throws {
        let path = path
        await withTaskGroup(of: Void.self) { tasks in
            for shell in 0..<4 {
                tasks.addTask {
                    for number in 0..<30 {
                        // A new one rewrites a file that is full of doubles, while others append to it.
                        let history = ShellHistory(path: path)
                        for line in 0..<20 { history.add("PING \(line % 2)") }
                        history.add("ECHO \(shell) \(number)")
                    }
                }
            }
        }
        let kept = Set(ShellHistory(path: path).lines)
        let missing = (0..<120).map { "ECHO \($0 / 30) \($0 % 30)" }.filter { !kept.contains($0) }
        #expect(missing.isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(directory.path)/state/redstream") == ["history"])
    }

    @Test(
        arguments: [
            (["REDSTREAM_HISTFILE": "/h"], "/h"), (["REDSTREAM_HISTFILE": "", "HOME": "/x"], nil),
            (["XDG_STATE_HOME": "/s", "HOME": "/x"], "/s/redstream/history"),
            (["HOME": "/x"], "/x/.local/state/redstream/history"), ([:], nil),
        ] as [([String: String], String?)])
    func isFoundByTheEnvironment(environment: [String: String], expected: String?) {
        #expect(ShellHistory.path(environment) == expected)
    }
}
