import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// Commands of --exec that cannot be started, or not go on.
@Suite struct HandlerStartTests {
    private static let name = ConsumerName(stream: "products", name: "indexer")

    /// Sets a limit of a running process, as `ulimit` does for a new one.
    private func limit(_ process: pid_t, _ limit: String) async throws {
        let result = try await ToolProcess(["--pid", "\(process)", limit], program: "prlimit").result()
        try #require(result.exit == .status(0), "\(result.errors)")
    }

    private func consume(_ fixture: Fixture, _ command: String, _ flags: String...) throws -> ToolProcess {
        try ToolProcess(
            ["consume", "--stream", "products", "--name", "indexer", "--exec", command] + flags,
            environment: fixture.toolEnvironment)
    }

    @Test func lackOfDescriptorsIsWaitedOutAndCountsForNothing() async throws {
        try await withNamespace { fixture in
            let tool = try consume(
                fixture, #"cat >/dev/null; echo "$REDSTREAM_LAST_ID $REDSTREAM_ATTEMPT""#, "--max-attempts", "1",
                "--on-failure", "dead-letter")
            try await fixture.add(id: "1-0", to: fixture.keys.stream("products"))
            #expect(try await tool.nextLine() == "1-0 1")
            try await limit(tool.processID, "--nofile=3:")
            try await fixture.add(id: "2-0", to: fixture.keys.stream("products"))
            try await tool.waitForErrors(containing: "Too many open files")
            #expect(try await fixture.redis("EXISTS", fixture.keys.attempts(Self.name)).integer == 0)
            try await limit(tool.processID, "--nofile=1024:")
            #expect(try await tool.nextLine() == "2-0 1")
            try await eventually("it is committed") { try await fixture.offset() == "2-0" }
            tool.signal(SIGTERM)
            try await tool.result().expect(.done)
            #expect(try await fixture.client.deadLetterCount(of: Self.name) == 0)
        }
    }

    @Test func finiteWorkGivesUpAfterItsTime() async throws {
        try await withNamespace { fixture in
            let tool = try consume(
                fixture, "cat >/dev/null; echo handled", "--count", "2", "--retry-for", "500ms", "--max-attempts", "1",
                "--on-failure", "dead-letter")
            try await fixture.add(id: "1-0", to: fixture.keys.stream("products"))
            _ = try await tool.nextLine()
            try await limit(tool.processID, "--nofile=3:")
            try await fixture.add(id: "2-0", to: fixture.keys.stream("products"))
            let result = try await tool.result()
            #expect(result.exit != .status(0))
            #expect(result.errors.contains("Too many open files"))
            #expect(try await fixture.client.deadLetterCount(of: Self.name) == 0)
            #expect(try await fixture.offset() == "1-0")
        }
    }

    @Test func commandThatCanNeverStartEndsTheConsumer() async throws {
        try await withNamespace { fixture in
            let padding = String(repeating: "x", count: 90_000)
            let tool = try ToolProcess(
                [
                    "consume", "--stream", "products", "--name", "indexer", "--max-attempts", "1", "--on-failure",
                    "dead-letter", "--exec", "cat",
                ], environment: fixture.toolEnvironment.merging(["PADDING1": padding, "PADDING2": padding]) { $1 })
            try await fixture.waitForHolder(tool.processID)
            // It bounds arguments and environment to 128 KiB.
            try await limit(tool.processID, "--stack=65536:")
            try await fixture.add(to: fixture.keys.stream("products"))
            let result = try await tool.result()
            result.expect(.failed)
            #expect(result.errors.contains("redstream: cannot consume: cannot start /bin/sh: Argument list too long"))
            #expect(try await fixture.client.deadLetterCount(of: Self.name) == 0)
            #expect(try await fixture.redis("EXISTS", fixture.keys.attempts(Self.name)).integer == 0)
        }
    }

    @Test func commandThatReadsTheTerminalHasFailed() async throws {
        try await withNamespace { fixture in
            try await fixture.add(to: fixture.keys.stream("products"))
            let terminal = try fixture.screen(
                "consume", "--stream", "products", "--name", "indexer", "--exit-at-end", "--exec",
                "cat >/dev/null; read answer </dev/tty", "--max-attempts", "1", "--on-failure", "dead-letter")
            #expect(try await terminal.waitForExit() == .status(0))
            let letter = try #require(try await fixture.client.deadLetters(of: Self.name).first)
            #expect(letter.origin?.reason.hasPrefix("the command was stopped (SIGTTIN)") == true)
        }
    }

    @Test func stoppedCommandThatIsContinuedGoesOn() async throws {
        try await withNamespace { fixture in
            try await fixture.add(to: fixture.keys.stream("products"))
            let tool = try consume(fixture, "cat >/dev/null; echo $$; kill -STOP $$; echo on", "--exit-at-end")
            let process = try #require(try await tool.nextLine().flatMap { pid_t($0) })
            try await eventually("it is stopped") { Processes.state(of: process) == "T" }
            kill(process, SIGCONT)
            #expect(try await tool.nextLine() == "on")
            try await tool.result().expect(.done)
        }
    }

    @Test func statusIsSeenWithInheritedIgnoredSIGCHLD() async throws {
        try await withNamespace { fixture in
            try await fixture.add(to: fixture.keys.stream("products"))
            let result = try await fixture.shell(
                """
                trap '' CHLD
                exec "$REDSTREAM" consume --stream products --name indexer --exit-at-end --exec \\
                    'echo "$REDSTREAM_ATTEMPT"; [ "$REDSTREAM_ATTEMPT" = 2 ] || exit 7'
                """
            ).result()
            result.expect(.done)
            #expect(result.lines == ["1", "2"])
        }
    }

    @Test func inputThatNobodyReadsHoldsUpNothing() async throws {
        try await withNamespace { fixture in
            try await fixture.add(String(repeating: "x", count: 1 << 20), to: fixture.keys.stream("products"))
            // A program that outlives the command keeps its standard input open.
            let tool = try consume(fixture, "{ sleep 100 <&3 >/dev/null 2>&1 & echo $!; } 3<&0", "--exit-at-end")
            let process = try #require(try await tool.nextLine().flatMap { pid_t($0) })
            defer { kill(process, SIGKILL) }
            try await tool.result().expect(.done)
        }
    }

    @Test(.enabled(if: Processes.canUnshare)) func orphansAreReapedAsProcessOne() async throws {
        try await withNamespace { fixture in
            let count =
                #"n=0; for f in /proc/[0-9]*/stat; do read a b c d e <$f; [ "$c $d" = "Z 1" ] && n=$((n+1)); done; echo $n"#
            let tool = try ToolProcess(
                [
                    "--pid", "--fork", "--kill-child", "--mount-proc", ToolProcess.executable, "consume", "--stream",
                    "products", "--name", "indexer", "--exec", "grep -q orphan && (true &); \(count) 2>/dev/null",
                ], environment: fixture.toolEnvironment, program: "unshare")
            try await fixture.add("\"orphan\"", to: fixture.keys.stream("products"))
            _ = try await tool.nextLine()
            try await eventually("no zombie is left") {
                try await fixture.add("1", to: fixture.keys.stream("products"))
                return try await tool.nextLine() == "0"
            }
        }
    }
}

/// The processes of the system, as /proc has them.
private enum Processes {
    /// True if a process in a namespace of its own can be started.
    static let canUnshare = geteuid() == 0 && access("/usr/bin/unshare", X_OK) == 0

    /// The state of a process as ps(1) has it.
    static func state(of process: pid_t) -> String? {
        let file = open("/proc/\(process)/stat", O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        guard let bytes = try? Descriptor.read(from: file, atMost: 4096) else { return nil }
        return String(decoding: bytes, as: UTF8.self).split(separator: " ").dropFirst(2).first.map(String.init)
    }
}
