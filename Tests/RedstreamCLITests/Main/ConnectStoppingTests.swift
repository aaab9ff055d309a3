import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

/// A signal ends connecting at once, in every command.
@Suite struct ConnectStoppingTests {
    static let commands: [[String]] = [
        ["produce", "--stream", "s", "{}"], ["produce", "--stream", "s", "--around", "true", "{}"],
        ["consume", "--stream", "s", "--name", "n", "--exec", "true"], ["consume", "--stream", "s"],
        ["consume", "--stream", "s", "--exit-at-end"],
        ["consume", "--stream", "s", "--name", "n", "--shards", "3", "--exec", "true"],
        ["delay", "--stream", "s", "--delay", "1s"], ["delay", "--delay", "1s"],
        ["delay", "--stream", "s", "--delay", "1s", "--once"],
        ["trim", "--expiry", "1d"], ["trim", "--expiry", "1d", "--once"],
        ["inspect-offsets"], ["inspect-offsets", "--watch"],
        ["seek", "--stream", "s", "--name", "n", "--to", "latest"], ["forget", "--stream", "s", "--name", "n"],
        ["dead-letters", "list", "--stream", "s", "--consumer", "n"], ["shell", "-c", "PING"],
    ]

    @Test(arguments: commands) func signalEndsConnectingToASilentHost(command: [String]) async throws {
        let port = try SilentPort()
        let fastest = try await fastestTry(under: .seconds(2), of: 3) { _ in
            // The signal ends the wait, and not the time: a busy machine may be late with it.
            let tool = try ToolProcess(
                command + ["--url", "redis://127.0.0.1:\(port.port)", "--connect-timeout", "25s"])
            try await port.waitForAttempt()
            let began = ContinuousClock.now
            tool.signal(SIGTERM)
            let result = try await tool.result()
            #expect(result.exit == .status(143) || result.exit == .status(0), "\(result)")
            #expect(!result.errors.contains("cannot connect"), "\(result.errors)")
            return began.duration(to: .now)
        }
        #expect(fastest < .seconds(2))
    }

    @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
    func signalEndsProduceThatWaitsForAServer(signal: Int32, code: Int32) async throws {
        let fastest = try await fastestTry(under: .seconds(2), of: 3) { _ in
            let tool = try ToolProcess(["produce", "--url", "redis://127.0.0.1:1", "--stream", "s", "{}"])
            try await tool.waitForErrors(containing: "; trying for 30s")
            let began = ContinuousClock.now
            tool.signal(signal)
            let result = try await tool.result()
            #expect(result.exit == .status(code))
            // That nothing was written is no news.
            #expect(!result.errors.contains("produced"), "\(result.errors)")
            return began.duration(to: .now)
        }
        #expect(fastest < .seconds(2))
    }

    @Test func signalEndsABatchWhoseServerIsAway() async throws {
        try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                let tool = try fixture.tool("produce", "--stream", "products", "--print-ids", input: .pipe)
                tool.write("1\n")
                _ = try await tool.nextLine()
                await server.kill()
                tool.write("2\n")
                try await tool.waitForErrors(containing: "; trying for 30s")
                let began = ContinuousClock.now
                tool.signal(SIGTERM)
                let result = try await tool.result()
                #expect(began.duration(to: .now) < .seconds(15))
                #expect(result.exit == .status(143))
                // Nothing of the second one was sent.
                #expect(result.errorLines.last?.hasPrefix("produced 1 message to products, last id ") == true)
                try await server.restart()
            }
        }
    }
}
