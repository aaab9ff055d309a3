import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// `sandbox`: a server for one command.
@Suite struct SandboxTests {
    private func run(_ script: String) async throws -> ToolProcess.Result {
        try await ToolProcess.run(
            ["sandbox", "--", "/bin/sh", "-c", script], environment: ["REDSTREAM": ToolProcess.executable])
    }

    /// The directory of the server with that URL.
    private func directory(_ url: String) -> String {
        String(
            url.dropFirst("unix://".count).prefix(
                upTo: url.dropFirst("unix://".count).lastIndex(of: "/") ?? url.endIndex))
    }

    @Test func theCommandFindsTheServer() async throws {
        let result = try await run(
            #""$REDSTREAM" produce --stream s 1 >/dev/null && "$REDSTREAM" consume --stream s --exit-at-end -o payload"#
        )
        result.expect(.done)
        #expect(result.output == "1\n")
        #expect(result.errorsBesidesNew.isEmpty)
    }

    @Test(arguments: [("exit 0", Int32(0)), ("exit 7", 7), ("kill -TERM $$", 143)])
    func theCommandsStatusIsKept(script: String, status: Int32) async throws {
        let result = try await run("echo $REDSTREAM_URL; \(script)")
        #expect(result.exit == .status(status))
        let directory = directory(try #require(result.lines.first))
        #expect(directory.contains("/redstream-sandbox-"))
        #expect(access(directory, F_OK) != 0)
    }

    @Test func itsInputIsTheCommands() async throws {
        let result = try await ToolProcess.run(["sandbox", "--", "cat"], input: .text("hello"))
        result.expect(.done)
        #expect(result.output == "hello")
    }

    @Test func twoSandboxesDoNotMeet() async throws {
        let result = try await run(
            #""$REDSTREAM" produce --stream s 1 >/dev/null; "$REDSTREAM" sandbox -- "$REDSTREAM" consume --stream s --exit-at-end"#
        )
        result.expect(.done)
        #expect(result.output.isEmpty)
    }

    @Test func aTerminatedSandboxPassesItOnAndLeavesNothing() async throws {
        let tool = try ToolProcess(
            [
                "sandbox", "--", "/bin/sh", "-c",
                "trap 'exit 9' TERM; echo $REDSTREAM_URL; while :; do sleep 0.02; done",
            ])
        let directory = directory(try #require(try await tool.nextLine()))
        tool.signal(SIGTERM)
        #expect(try await tool.result().exit == .status(9))
        #expect(access(directory, F_OK) != 0)
    }

    @Test func aKilledSandboxLeavesNeitherServerNorDirectory() async throws {
        let tool = try ToolProcess(
            [
                "sandbox", "--", "/bin/sh", "-c",
                "redis-cli -s ${REDSTREAM_URL#unix://} info server; echo $REDSTREAM_URL; exec cat",
            ],
            input: .pipe)
        var server: pid_t?
        var url = ""
        while url.isEmpty {
            let line = try #require(try await tool.nextLine())
            if line.hasPrefix("process_id:") {
                server = pid_t(line.dropFirst("process_id:".count).filter(\.isNumber))
            }
            if line.hasPrefix("unix://") { url = line }
        }
        let process = try #require(server)
        let directory = directory(url)
        #expect(access(directory, F_OK) == 0)
        tool.signal(SIGKILL)
        tool.closeInput()
        try await eventually("the server has ended") { kill(process, 0) != 0 }
        try await eventually("the directory is gone") { access(directory, F_OK) != 0 }
    }

    @Test func aServerThatIsNotThereIsSaid() async throws {
        let result = try await ToolProcess.run([
            "sandbox", "--server", "/nonexistent/redis-server", "--", "true",
        ])
        result.expect(.failed)
        #expect(result.errors.contains("redstream: cannot start /nonexistent/redis-server: "))
        #expect(result.errors.contains("hint: "))
    }

    @Test func aCommandThatIsNotThereIsSaid() async throws {
        let result = try await ToolProcess.run(["sandbox", "--", "/nonexistent/command"])
        result.expect(.failed)
        #expect(result.errors.contains("redstream: cannot run /nonexistent/command: "))
    }

    @Test func promptSaysThatItIsASandbox() async throws {
        let terminal = try Terminal(["sandbox"], environment: ["REDSTREAM_HISTFILE": ""], rows: 24, columns: 100)
        try await terminal.shows { $0.cursorLine == "sandbox>" }
        terminal.type("\u{4}")
        #expect(try await terminal.waitForExit() == .status(0))
    }
}
