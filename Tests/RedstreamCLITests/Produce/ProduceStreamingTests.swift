import Redstream
import RedstreamConnection
import RedstreamSystem
import Synchronization
import TestSupport
import Testing

@testable import RedstreamCLI

/// `produce` while its input, its server, or its user is slow, gone or impatient.
@Suite struct ProduceStreamingTests {
    @Test func aLineOfASlowPipeIsSentBeforeMoreComes() async throws {
        try await withNamespace { fixture in
            let tool = try fixture.tool("produce", "--stream", "products", input: .pipe)
            for number in 1...3 {
                tool.write("\(number)\n")
                try await eventually("line \(number) stands in the stream") {
                    try await fixture.payloads().last == "\(number)"
                }
            }
            tool.write("4")
            tool.closeInput()
            try await tool.result().expect(.done)
            #expect(try await fixture.payloads() == ["1", "2", "3", "4"])
        }
    }

    @Test func halfALineWaitsForItsRest() async throws {
        try await withNamespace { fixture in
            let tool = try fixture.tool("produce", "--stream", "products", input: .pipe)
            tool.write("1\n{\"a\":")
            try await eventually("the whole line was sent") { try await fixture.payloads() == ["1"] }
            tool.write("2}\n")
            tool.closeInput()
            try await tool.result().expect(.done)
            #expect(try await fixture.payloads() == ["1", #"{"a":2}"#])
        }
    }

    @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
    func aSignalInTheMiddleReportsWhatWasSent(signal: Int32, code: Int32) async throws {
        try await withNamespace { fixture in
            let tool = try fixture.tool("produce", "--stream", "products", "--print-ids", input: .pipe)
            tool.write("1\n2\n")
            // By then they are acknowledged.
            _ = try await tool.nextLine()
            _ = try await tool.nextLine()
            tool.signal(signal)
            let result = try await tool.result()
            #expect(result.exit == .status(code))
            #expect(result.errors.contains("produced 2 messages to products, last id "))
        }
    }

    @Test func aServerThatDiesAndComesBackLosesNothing() async throws {
        try await RedisServer.with(.init(isDurable: true)) { server in
            try await withNamespace(on: server) { fixture in
                let tool = try fixture.tool("produce", "--stream", "products", "--print-ids", input: .pipe)
                var sent = 0
                func send(_ count: Int) {
                    let lines = (sent + 1...sent + count).map { "\($0)\n" }.joined()
                    sent += count
                    tool.write(lines)
                }
                send(5000)
                _ = try await tool.nextLine()
                await server.kill()
                send(3000)
                try await tool.waitForErrors(containing: "; trying for ")
                try await server.restart()
                send(2000)
                tool.closeInput()
                let result = try await tool.result()
                result.expect(.done)
                #expect(result.errors.count(of: "trying for") == 1)
                #expect(result.errors.count(of: "the server is back after ") == 1)

                let entries = try await fixture.entries(fixture.keys.stream("products"))
                let acknowledged = Set(result.lines)
                #expect(acknowledged.count == 10_000)
                #expect(acknowledged.isSubset(of: Set(entries.map(\.id))))
                #expect(Set(entries.map { $0.fields[1] }) == Set((1...10_000).map(String.init)))
                // Messages, and not copies: one that a server refused as it was loading may be there a third time.
                let doubled = Dictionary(grouping: entries) { $0.fields[1] }.values.count { $0.count > 1 }
                let told =
                    result.errors.firstMatch(of: /([\d,]+) of them possibly doubled/)
                    .flatMap { Int($0.1.replacing(",", with: "")) } ?? 0
                #expect(doubled <= told)
            }
        }
    }

    @Test func whatMayBeDoubledIsCounted() async throws {
        try await withNamespace { fixture in
            let isFirst = Mutex(true)
            // The command is carried out; its reply never arrives.
            let proxy = try RedisProxy(fixture.server) { traffic in
                guard case .replies(let text) = traffic, text.hasPrefix("$"), text.contains("-0\r\n") else {
                    return .pass
                }
                return isFirst.withLock { first in
                    defer { first = false }
                    return first ? .cut : .pass
                }
            }
            guard case .unix(let path) = proxy.configuration.address else { return }
            let result = try await fixture.run(
                "produce", "--stream", "products", "1", environment: ["REDSTREAM_URL": "unix://\(path)"])
            result.expect(.done)
            #expect(result.output.contains(", 1 of them possibly doubled"))
            #expect(try await fixture.payloads() == ["1", "1"])
        }
    }

    @Test func aServerThatStaysAwayIsGivenUp() async throws {
        try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                let tool = try fixture.tool(
                    "produce", "--stream", "products", "--print-ids", "--retry-for", "2s", input: .pipe)
                tool.write("1\n")
                // The id comes when the tool has the server's answer.
                _ = try await tool.nextLine()
                await server.kill()
                tool.write("2\n")
                let result = try await tool.result()
                result.expect(.unreachable)
                #expect(result.errors.contains("produced 1 message to products"))
                try await server.restart()
            }
        }
    }
}
