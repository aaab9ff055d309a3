import ArgumentParser
import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// The server that the tool connects to, and its messages if it cannot.
@Suite struct ConnectionTests {
    private static let nowhere = "unix:///nonexistent/redis"

    @Test func theURLOptionComesBeforeTheVariables() async throws {
        try await withNamespace { fixture in
            let url = fixture.server.url
            func produce(_ arguments: [String], _ environment: [String: String]) async throws {
                let result = try await ToolProcess.run(
                    ["produce", "--stream", "products", "--retry-for", "0s", "1"] + arguments,
                    environment: environment.merging(["REDSTREAM_NAMESPACE": fixture.namespace]) { $1 })
                result.expect(.done)
            }
            try await produce(["--url", url], ["REDSTREAM_URL": Self.nowhere, "REDIS_URL": Self.nowhere])
            try await produce([], ["REDSTREAM_URL": url, "REDIS_URL": Self.nowhere])
            try await produce([], ["REDIS_URL": url])
            try await produce([], ["REDSTREAM_URL": "", "REDIS_URL": url])
            #expect(try await fixture.payloads().count == 4)
        }
    }

    @Test func withoutAnyItIsThisMachinesDefaultPort() throws {
        let context = CommandContext.make(environment: [:])
        let configuration = try ConnectionOptions.parse([]).configuration(in: context)
        #expect(configuration.address == .tcp(host: "127.0.0.1", port: 6379))
    }

    @Test func theNamespaceOptionComesBeforeTheVariable() async throws {
        try await withNamespace { fixture in
            let environment = ["REDSTREAM_URL": fixture.server.url, "REDSTREAM_NAMESPACE": "elsewhere"]
            let result = try await ToolProcess.run(
                ["produce", "--stream", "products", "--namespace", fixture.namespace, "1"],
                environment: environment)
            result.expect(.done)
            #expect(try await fixture.payloads() == ["1"])
        }
    }

    @Test func aDatabaseNumberIsChosen() async throws {
        try await RedisServer.with { server in
            let url = "\(server.url)?db=3"
            try await ToolProcess.run(["produce", "--url", url, "--stream", "s", "1"]).expect(.done)
            let there = try await ToolProcess.run(["consume", "--url", url, "--stream", "s", "--exit-at-end"])
            #expect(there.lines.count == 1)
            let elsewhere = try await ToolProcess.run(
                ["consume", "--url", server.url, "--stream", "s", "--exit-at-end"])
            #expect(elsewhere.lines.isEmpty)
            let beyond = try await ToolProcess.run(
                ["consume", "--url", "\(server.url)?db=99", "--stream", "s", "--exit-at-end"])
            beyond.expect(.failed)
            #expect(beyond.errors.contains("hint: the server has fewer databases than that"))
        }
    }

    @Test(arguments: [
        ["produce", "--stream", "s", "1"], ["consume", "--stream", "s", "--exit-at-end"],
        ["consume", "--stream", "s", "--name", "n", "--exit-at-end"], ["inspect-offsets"],
        ["delay", "--stream", "s", "--delay", "1s", "--once"], ["trim", "--expiry", "1d", "--once"],
        ["seek", "--stream", "s", "--name", "n", "--to", "latest"],
        ["forget", "--stream", "s", "--name", "n"],
    ])
    func finiteWorkGivesUpOnAServerThatStaysAway(command: [String]) async throws {
        var results: [ToolProcess.Result] = []
        let time = try await fastestTry(under: .seconds(10), of: 3) { _ in
            let start = ContinuousClock.now
            results.append(
                try await ToolProcess.run(command + ["--url", "redis://127.0.0.1:1", "--retry-for", "200ms"]))
            return start.duration(to: .now)
        }
        #expect(time < .seconds(10))
        let result = try #require(results.last)
        result.expect(.unreachable)
        #expect(result.output.isEmpty)
        #expect(result.errors.count(of: "; trying for ") == 1, "\(result.errors)")
        #expect(result.errors.contains("redstream: cannot "))
        #expect(result.errors.contains("cannot connect to 127.0.0.1:1: Connection refused\nhint: "))
    }

    @Test func aServerThatComesInTimeIsReached() async throws {
        try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                await server.kill()
                let tool = try fixture.tool("inspect-offsets")
                try await tool.waitForErrors(containing: "; trying for 30s")
                try await server.restart()
                let result = try await tool.result()
                result.expect(.done)
                #expect(result.errorLines.last?.hasPrefix("redstream: the server is back after ") == true)
            }
        }
    }

    @Test func waitingForAServerEndsWithASignal() async throws {
        for (signal, code) in [(SIGINT, Int32(130)), (SIGTERM, 143)] {
            let tool = try ToolProcess(["inspect-offsets", "--url", Self.nowhere])
            try await tool.waitForErrors(containing: "; trying for 30s")
            tool.signal(signal)
            #expect(try await tool.result().exit == .status(code))
        }
    }

    @Test(arguments: [
        "redis://:sekret@host:99999", "http://:sekret@host", "redis://:sek ret@host",
        "redis://:sekret@host/x",
        "redis+cluster://:sekret@host/1", "unix://:sekret@", ":sekret@host",
    ])
    func aBadURLIsWrongUsageAndNotRepeated(url: String) async throws {
        for (arguments, environment, source) in [
            (["--url", url], [:], "--url"), ([], ["REDSTREAM_URL": url], "REDSTREAM_URL"),
            ([], ["REDIS_URL": url], "REDIS_URL"),
        ] {
            let result = try await ToolProcess.run(["inspect-offsets"] + arguments, environment: environment)
            result.expect(.usage)
            #expect(result.errors.hasPrefix("redstream: the URL of \(source) "))
            #expect(!result.errors.contains("ret"), "\(result.errors)")
        }
    }
}

extension CommandContext {
    /// A context without input, whose output goes nowhere.
    static func make(environment: [String: String]) -> CommandContext {
        CommandContext(
            input: -1, output: OutputFile(descriptor: -1),
            console: Console(descriptor: -1, isTerminal: false),
            environment: environment, inputIsTerminal: false, outputIsTerminal: false,
            signals: SignalMonitor())
    }
}
