import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// `--retry-for` bounds connecting as well, whatever `--connect-timeout` would allow.
@Suite(.timeLimit(.minutes(4))) struct RetryLimitTests {
    private static let finite = [
        ["produce", "--stream", "s", "1"], ["consume", "--stream", "s", "--exit-at-end"],
        ["consume", "--stream", "s", "--name", "n", "--exit-at-end"], ["inspect-offsets"],
        ["delay", "--stream", "s", "--delay", "1s", "--once"], ["trim", "--expiry", "1d", "--once"],
        ["seek", "--stream", "s", "--name", "n", "--to", "latest"],
        ["dead-letters", "list", "--stream", "s", "--consumer", "n"],
    ]

    @Test(arguments: finite + [["consume", "--stream", "s", "--shards", "2", "--name", "n", "--exit-at-end"]])
    func limitOfZeroTriesOnce(command: [String]) async throws {
        let result = try await ToolProcess.run(command + ["--url", "redis://127.0.0.1:1", "--retry-for", "0s"])
        result.expect(.unreachable)
        #expect(result.errors.count(of: "redstream: ") == 1, "\(result.errors)")
        #expect(!result.errors.contains("trying"), "\(result.errors)")
    }

    @Test(arguments: [[], ["--shards", "1"]])
    func limitOfZeroTriesOnceInMidWork(options: [String]) async throws {
        let directory = try TemporaryDirectory()
        try await RedisServer.with { server in
            let connection = try await RedisConnection.connect(to: server.configuration)
            defer { connection.close() }
            for key in ["s", "s-0"] {
                try await connection.call("XADD", "redstream:stream:\(key)", "1-0", "payload", "1")
            }
            let tool = try ToolProcess(
                [
                    "consume", "--stream", "s", "--name", "n", "--exit-at-end", "--retry-for", "0s", "--exec",
                    "echo runs; while [ ! -e \(directory.path)/go ]; do sleep 0.01; done",
                ] + options, environment: ["REDSTREAM_URL": server.url])
            #expect(try await tool.nextLine() == "runs")
            await server.kill()
            #expect(creat("\(directory.path)/go", 0o600) >= 0)
            let result = try await tool.result()
            result.expect(.unreachable)
            #expect(!result.errors.contains("trying"), "\(result.errors)")
        }
    }

    @Test(arguments: finite)
    func aServerThatSaysNothingIsGivenUpWithinTheLimit(command: [String]) async throws {
        try await RedisServer.with { server in
            server.pause()
            defer { server.resume() }
            try await ToldError(.unreachable, ": no answer from \(server.socketPath)", hint: "--connect-timeout")
                .expect(
                    from: command + ["--retry-for", "2s"], environment: ["REDSTREAM_URL": server.url],
                    within: .seconds(4))
        }
    }

    @Test func aServerThatFallsSilentInMidWorkIsGivenUpWithinTheLimit() async throws {
        try await RedisServer.with { server in
            let tool = try ToolProcess(
                ["produce", "--stream", "s", "--retry-for", "1s"], environment: ["REDSTREAM_URL": server.url],
                input: .pipe)
            tool.write("1\n")
            let connection = try await RedisConnection.connect(to: server.configuration)
            defer { connection.close() }
            try await eventually("the first message is there") {
                try await connection.call("XLEN", "redstream:stream:s").integer == 1
            }
            try await connection.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            server.pause()
            defer { server.resume() }
            let start = ContinuousClock.now
            tool.write("2\n")
            let result = try await tool.result()
            result.expect(.unreachable)
            #expect(start.duration(to: .now) < .seconds(15), "\(result.errors)")
        }
    }
}
