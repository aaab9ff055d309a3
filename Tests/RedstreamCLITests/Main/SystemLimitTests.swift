import Redstream
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// Few descriptors or threads: an error in plain words, never a crash and never a hang.
@Suite(.timeLimit(.minutes(3))) struct SystemLimitTests {
    /// Runs the tool with no more than so many open files.
    private func run(
        _ arguments: String, files: Int, in fixture: Fixture, input: String = "/dev/null"
    ) async throws -> ToolProcess.Result {
        try await fixture.shell(
            "exec 2>&1 <\(input); ulimit -n \(files); exec \"$REDSTREAM\" \(arguments)"
        ).result(within: .seconds(60))
    }

    private func expectPlainWords(_ result: ToolProcess.Result, _ what: String) {
        switch result.exit {
        case .signal(let number): Issue.record("\(what): signal \(number)")
        case .status(let status):
            #expect(![132, 133, 139].contains(status), "\(what)")
            // 127 is the loader's, which finds no descriptor for the libraries of a debug build.
            guard status != 0, status != 127 else { return }
            #expect(result.output.contains("Too many open files"), "\(what): \(result.output)")
            #expect(result.output.contains("hint: ulimit -n"), "\(what): \(result.output)")
        }
    }

    @Test func consumingWithFewDescriptorsNeverCrashes() async throws {
        try await withNamespace { fixture in
            try await fixture.tool("produce", "--stream", "s", "--ids", "1", "2").result().expect(.done)
            for files in 5...40 {
                let result = try await run(
                    "consume --stream s --name c\(files) --exit-at-end --exec 'cat >/dev/null'", files: files,
                    in: fixture)
                expectPlainWords(result, "\(files) files")
                if files == 12 { #expect(result.exit == .status(1)) }
                if files == 40 { #expect(result.exit == .status(0), "\(result.output)") }
            }
        }
    }

    @Test(arguments: [
        "produce --stream s --ids 1", "produce --stream s --ids --file /dev/null", "consume --stream s",
        "produce --stream s --ids --around true 1", "delay --once", "trim --stream s --expiry 1h --once",
        "inspect-offsets", "inspect-shards --stream s", "seek --stream s --name x --to earliest",
        "forget --stream s --name x --yes", "dead-letters list --stream s --name x", "shell -c PING",
        "shell -c 'PING | cat'", "sandbox -- true", "shard-of --shards 4 1", "--help", "--version",
    ])
    func everyCommandSaysWhatItLacks(command: String) async throws {
        try await withNamespace { fixture in
            for files in stride(from: 6, through: 30, by: 3) {
                expectPlainWords(try await run(command, files: files, in: fixture), "\(command), \(files) files")
            }
        }
    }

    @Test func manyShardsWithFewDescriptorsNeverCrash() async throws {
        try await withNamespace { fixture in
            let shards = "--stream s --shards 64"
            try await fixture.shell("seq 200 | \"$REDSTREAM\" produce \(shards) --ids").result().expect(.done)
            for files in [24, 32, 48] {
                let result = try await run(
                    "consume \(shards) --name c\(files) --exit-at-end --retry-for 2s --exec 'cat >/dev/null'",
                    files: files, in: fixture)
                expectPlainWords(result, "\(files) files")
            }
        }
    }

    @Test func filesOfProduceAreClosedInTheShell() async throws {
        try await withNamespace { fixture in
            let commands = Array(repeating: "produce --stream s --ids --file ids > /dev/null", count: 60)
            let directory = try TemporaryDirectory()
            let result = try await fixture.shell(
                """
                cd \(directory.path); echo 42 >ids; ulimit -n 40
                exec "$REDSTREAM" shell --file /dev/stdin <<'END'
                \(commands.joined(separator: "\n"))
                END
                """
            ).result()
            result.expect(.done)
            #expect(try await fixture.length(fixture.keys.stream("s")) == 60)
        }
    }

    /// Nobody else has processes of that user; only root can take its place.
    private static let user = 61_234

    @Test(.enabled(if: geteuid() == 0), arguments: [1, 3, 5, 8, 12, 20, 30])
    func fewThreadsAreToldOf(limit: Int) async throws {
        // A server that another user can reach.
        let server = try await RedisServer.start(.init(listensOnTCP: true))
        let port = try #require(server.port)
        let tool = try ToolProcess(
            [
                "-c",
                """
                exec 2>&1
                "$REDSTREAM" produce --stream s --shards 64 --ids 1 2 3 >/dev/null
                exec setpriv --reuid=\(Self.user + limit) --clear-groups bash -c '
                    ulimit -u \(limit)
                    exec "$REDSTREAM" consume --stream s --shards 64 --name c --exit-at-end --retry-for 2s'
                """,
            ],
            environment: [
                "REDSTREAM": ToolProcess.executable, "REDSTREAM_URL": "redis://127.0.0.1:\(port)",
            ], program: "/bin/sh")
        let result = try await tool.result(within: .seconds(60))
        if result.exit == .status(0) {
            // There were threads enough, sooner or later.
            #expect(result.output.split(separator: "\n").count { $0.hasPrefix("{\"id\":") } == 3, "\(result.output)")
            #expect(limit > 8)
        } else {
            #expect(result.output.contains("Resource temporarily unavailable"), "\(result.output)")
            #expect(result.output.contains("hint: ulimit -u"), "\(result.output)")
        }
        if case .signal(let number) = result.exit { Issue.record("signal \(number)") }
    }
}
