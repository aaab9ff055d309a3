import Redstream
import RedstreamConnection
import RedstreamSystem
import Testing

@testable import TestSupport

/// The tests of what other tests stand on.
@Suite(.timeLimit(.minutes(3))) struct TestSupportTests {
    @Test func aNamespaceHasAClientAndARawConnection() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.stream("products")
            let id = try await fixture.gem.queue(Gem.payload(id: 1), on: "products")
            #expect(try await fixture.entries(key) == [.init(id, "payload", #"{"id":1}"#)])
            #expect(try await fixture.client.lastID(of: "products")?.description == id)
        }
    }

    @Test func aProxyEndsAConnectionInTheMiddleOfAReply() async throws {
        try await withNamespace { fixture in
            let proxy = try RedisProxy(fixture.server) { traffic in
                guard case .replies(let text) = traffic, text.contains("whole") else { return .pass }
                return .truncate(6)
            }
            try await fixture.redis("SET", "\(fixture.namespace):redstream:key", "a whole value")
            let connection = try await RedisConnection.connect(to: proxy.configuration)
            defer { connection.close() }
            let error = await #expect(throws: RedisError.self) {
                try await connection.call("GET", "\(fixture.namespace):redstream:key")
            }
            #expect(error?.kind == .connectionLost)
        }
    }

    @Test func aKeyOutsideOfEveryNamespaceIsReported() async throws {
        try await RedisServer.with { server in
            try await withKnownIssue {
                try await withNamespace(on: server) { _ = try await $0.redis("SET", "stray", "1") }
            } matching: {
                $0.comments.contains { $0.rawValue.contains("stray") }
            }
        }
    }

    @Test func anEndedServerLeavesNothing() async throws {
        let server = try await RedisServer.start()
        let path = server.socketPath
        let number = try await processID(of: server)
        try await server.stop()
        #expect(access(path, F_OK) != 0)
        #expect(kill(number, 0) != 0)
    }

    @Test func aServerThatDoesNotStartShowsItsLog() async throws {
        await #expect {
            try await RedisServer.start(.init(lines: ["maxmemory-policy nonsense"]))
        } throws: {
            "\($0)".contains("ended at once")
        }
    }

    @Test func aDurableServerKeepsWhatItAcknowledgedThroughAKill() async throws {
        try await RedisServer.with(.init(isDurable: true)) { server in
            try await withNamespace(on: server) { fixture in
                try await fixture.add(to: fixture.keys.stream("products"))
                await server.kill()
                try await server.restart()
                #expect(try await fixture.length(fixture.keys.stream("products")) == 1)
            }
        }
    }

    @Test func whatTheUndertakerWatchesEndsWithIt() async throws {
        // The test process's own closes its pipe only with the process.
        var undertaker: Undertaker? = try Undertaker()
        let directory = try #require(try undertaker?.makeDirectory())
        let sleeper = try ToolProcess(["100"], program: "sleep")
        undertaker?.watch(sleeper.processID)
        undertaker = nil
        try await eventually("the process and the directory are gone") {
            sleeper.exit == .signal(SIGKILL) && access(directory, F_OK) != 0
        }
    }

    private func processID(of server: RedisServer) async throws -> pid_t {
        let connection = try await RedisConnection.connect(to: server.configuration)
        defer { connection.close() }
        let text = try await connection.call("INFO", "server").string ?? ""
        let line = try #require(text.split(separator: "\r\n").first { $0.hasPrefix("process_id:") })
        return try #require(pid_t(line.dropFirst("process_id:".count)))
    }
}

/// The programs that tests start, seen with a shell.
@Suite(.timeLimit(.minutes(3))) struct ToolProcessTests {
    @Test func linesAreReadAsTheyCome() async throws {
        let shell = try ToolProcess(
            ["-c", "while read line; do echo got $line; done; echo bye >&2; exit 3"], input: .pipe,
            program: "/bin/sh")
        shell.write("one\n")
        #expect(try await shell.nextLine() == "got one")
        shell.write("two\n")
        #expect(try await shell.nextLine() == "got two")
        shell.closeInput()
        #expect(try await shell.nextLine() == nil)
        let result = try await shell.result()
        #expect(result.exit == .status(3))
        #expect(result.errors == "bye\n")
        #expect(result.lines == ["got one", "got two"])
    }

    @Test func largeInputAndOutputDoNotBlockEachOther() async throws {
        let bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 4 << 20)
        let result = try await ToolProcess(["-c", "cat"], input: .bytes(bytes), program: "/bin/sh").result()
        #expect(result.outputBytes == bytes)
    }

    @Test func inputThatNobodyReadsDoesNoHarm() async throws {
        let bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 4 << 20)
        let result = try await ToolProcess(["-c", "exit 0"], input: .bytes(bytes), program: "/bin/sh")
            .result()
        #expect(result.exit == .status(0))
    }

    @Test func aProgramThatHangsIsKilledAndQuoted() async throws {
        let shell = try ToolProcess(["-c", "echo here; exec sleep 100"], program: "/bin/sh")
        await #expect {
            _ = try await shell.result(within: .milliseconds(200))
        } throws: {
            "\($0)".contains("here")
        }
        try await eventually { shell.exit == .signal(SIGKILL) }
    }

    @Test func manyAtOnce() async throws {
        try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<40 {
                group.addTask {
                    try await ToolProcess(
                        ["-c", "cat; echo \(number)"], input: .text("in "), program: "/bin/sh"
                    )
                    .result().output
                }
            }
            var outputs: Set<String> = []
            for try await output in group { outputs.insert(output) }
            #expect(outputs == Set((0..<40).map { "in \($0)\n" }))
        }
    }

    @Test func theToolIsFound() async throws {
        #expect(access(ToolProcess.executable, X_OK) == 0)
    }
}
