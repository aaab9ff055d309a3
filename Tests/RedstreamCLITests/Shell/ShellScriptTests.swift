import FoundationEssentials
import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

struct ShellScriptTests {
    @Test func runsOurCommandsAndRediss() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.stream("products")
            let result = try await fixture.tool(
                "shell", "-c", "use products", "-c", #"produce '{"id": 1}' > /dev/null"#, "-c", "XLEN \(key)", "-c",
                "consume --exit-at-end -o payload"
            ).result()
            #expect(result.lines == ["1", #"{"id": 1}"#])
            #expect(result.exit == .status(0))
        }
    }

    @Test func stopsAtTheFirstErrorWithItsExitCode() async throws {
        try await withNamespace { fixture in
            let script = "ECHO a\nconsume\nECHO b\n"
            let stopped = try await fixture.tool("shell", input: .text(script)).result()
            #expect(stopped.lines == ["a"])
            #expect(stopped.exit == .status(64))
            #expect(stopped.errors.contains("line 2"))
            let kept = try await fixture.tool("shell", "--keep-going", input: .text(script)).result()
            #expect(kept.lines == ["a", "b"])
            #expect(kept.exit == .status(64))
        }
    }

    @Test func refusesToDestroyWithoutAQuestion() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.stream("s")
            try await fixture.add(to: key)
            let refused = try await fixture.tool("shell", "-c", "DEL \(key)").result()
            #expect(refused.errors.contains("removes 1 key") && refused.errors.contains("--yes"))
            #expect(try await fixture.length(key) == 1)
            let allowed = try await fixture.tool("shell", "--yes", "-c", "DEL \(key)").result()
            #expect(allowed.lines == ["1"])
            #expect(try await fixture.length(key) == 0)
        }
    }

    @Test func writesToFilesAndCommands() async throws {
        try await withNamespace { fixture in
            let directory = try TemporaryDirectory()
            let file = "\(directory.path)/out"
            let result = try await fixture.tool(
                "shell", "-c", "ECHO one > \(file)", "-c", "ECHO two >> \(file)", "-c", "PING | tr A-Z a-z; cat \(file)"
            ).result()
            #expect(result.lines == ["pong", "one", "two"])
        }
    }

    @Test func refusesOurCommandsInsideMULTI() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.tool("shell", "-c", "MULTI", "-c", "inspect-offsets").result()
            #expect(result.exit == .status(1))
            #expect(result.errors.contains("inside MULTI"))
        }
    }

    @Test func selectsForRedisAndForUs() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.tool(
                "shell", "-c", "SELECT 3", "-c", "produce --stream s '{}'", "-c",
                "XLEN \(fixture.keys.stream("s"))", "-c", "redis DEL \(fixture.keys.stream("s"))", "--yes"
            ).result()
            #expect(result.lines.suffix(2) == ["1", "1"])
            #expect(try await fixture.length(fixture.keys.stream("s")) == 0)
        }
    }

    @Test func repeatsAndWatches() async throws {
        try await withNamespace { fixture in
            let key = "\(fixture.keys.base):stream:list"
            let result = try await fixture.tool(
                "shell", "-c", "3 RPUSH \(key) x", "-c", "watch 1ms --until-empty LPOP \(key)"
            ).result()
            #expect(result.lines == ["1", "2", "3", "x", "x", "x"])
        }
    }

    @Test func saysWhatWasProbablyMeant() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.tool("shell", "-c", "trimm --once").result()
            #expect(result.errors.contains("did you mean trim?"))
        }
    }

    @Test func runsAFileAndNamesTheLineThatFailed() async throws {
        try await withNamespace { fixture in
            let directory = try TemporaryDirectory()
            let path = "\(directory.path)/script"
            let script = "# a comment\nECHO 'a\nb'\n\nuse s; \nECHO end\nCONSUME\nECHO never\n"
            try script.write(toFile: path, atomically: false, encoding: .utf8)
            let result = try await fixture.tool("shell", "--file", path).result()
            #expect(result.lines == ["a", "b", "end"])
            #expect(result.errors.contains("redstream: \(path), line 7: stopped here"))
            #expect(result.exit == .status(1))
            let missing = try await fixture.tool("shell", "--file", "\(path).none").result()
            #expect(missing.exit == .status(65))
            #expect(missing.errors.contains("cannot open \(path).none"))
            let piped = try await fixture.tool("shell", "--file", "-", input: .text("ECHO x\nexit\nECHO y\n")).result()
            #expect(piped.lines == ["x"])
            #expect(piped.exit == .status(0))
        }
    }

    @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
    func endsAtASignalInTheMiddleOfACommand(signal: Int32, code: Int32) async throws {
        try await withNamespace(on: try await RedisServer.start()) { fixture in
            let tool = try fixture.tool("shell", "-c", "BLPOP \(fixture.namespace) 0", "-c", "ECHO never")
            try await eventually("it blocks") {
                try await fixture.redis("CLIENT", "LIST").string?.contains("cmd=blpop") == true
            }
            tool.signal(signal)
            let result = try await tool.result()
            #expect(result.exit == .status(code))
            #expect(result.lines.isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(1))) func aQuoteOfManyLinesTakesTimeInProportion() async throws {
        try await withNamespace { fixture in
            let lines = String(repeating: "a line of a text that is quoted\n", count: 40_000)
            let result = try await fixture.tool("shell", input: .text("STRLEN 'x'\nECHO '\(lines)'\n")).result()
            #expect(result.exit == .status(0))
            #expect(result.output.utf8.count > lines.utf8.count)
        }
    }

    @Test func transactionWithoutExecIsAFailure() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.run("shell", "-c", "MULTI", "-c", "PING")
            #expect(result.exit == .status(1))
            #expect(
                result.errors == "redstream: the transaction ends without EXEC: nothing of it was carried out\n")
        }
    }

    @Test func serverThatCannotBeReachedChangesNothing() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.run("shell", "--keep-going", "-c", "connect 127.0.0.1:1", "-c", "PING")
            #expect(result.lines == ["PONG"])
            #expect(
                result.errorLines == [
                    "redstream: the server stays \(fixture.toolEnvironment["REDSTREAM_URL"] ?? ""): "
                        + "cannot connect to 127.0.0.1:1: Connection refused"
                ])
        }
    }
}
