import RedisClient
import TestSupport
import Testing

@testable import RedstreamCLI

/// `--retry-for` bounds connecting as well, whatever `--connect-timeout` would allow.
@Suite(.timeLimit(.minutes(4))) struct RetryLimitTests {
    @Test(arguments: [
        ["produce", "--stream", "s", "1"], ["consume", "--stream", "s", "--exit-at-end"],
        ["consume", "--stream", "s", "--name", "n", "--exit-at-end"], ["inspect-offsets"],
        ["delay", "--stream", "s", "--delay", "1s", "--once"], ["trim", "--expiry", "1d", "--once"],
        ["seek", "--stream", "s", "--name", "n", "--to", "latest"],
        ["dead-letters", "list", "--stream", "s", "--consumer", "n"],
    ])
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
            #expect(start.duration(to: .now) < .seconds(4), "\(result.errors)")
        }
    }
}
