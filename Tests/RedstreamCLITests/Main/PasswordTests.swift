import FoundationEssentials
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// Servers that want a password, and passwords that stay secret.
@Suite struct PasswordTests {
    private func withProtectedServer(_ body: (RedisServer, _ directory: String) async throws -> Void)
        async throws
    {
        let options = RedisServer.Options(
            password: "s3kret",
            users: ["alice on >al1ce ~* &* +@all", "reader on >re4der ~* &* +@read +@connection +info"])
        let directory = try TemporaryDirectory()
        try await RedisServer.with(options) { try await body($0, directory.path) }
    }

    private func inspect(_ url: String, _ arguments: String...) async throws -> ToolProcess.Result {
        try await ToolProcess.run(["inspect-offsets"] + arguments, environment: ["REDSTREAM_URL": url])
    }

    @Test func aMissingAWrongAndAWeakPasswordAreSentencesWithHints() async throws {
        try await withProtectedServer { server, _ in
            let none = try await inspect("unix://\(server.socketPath)")
            none.expect(.failed)
            #expect(none.errors.hasPrefix("redstream: cannot inspect: NOAUTH "))
            #expect(
                none.errors.contains(
                    "\nhint: the server wants a password: --url unix://:password@\(server.socketPath), or --password-file\n"
                ))

            let wrong = try await inspect("unix://:gu3ss@\(server.socketPath)")
            wrong.expect(.failed)
            #expect(wrong.errors.hasPrefix("redstream: cannot inspect: WRONGPASS "))
            #expect(wrong.errors.contains("\nhint: user or password is wrong"))
            #expect(!wrong.errors.contains("gu3ss"))

            let weak = try await ToolProcess.run(
                ["produce", "--stream", "s", "1"],
                environment: ["REDSTREAM_URL": "unix://reader:re4der@\(server.socketPath)"])
            weak.expect(.failed)
            #expect(weak.errors.contains("redstream: cannot produce: NOPERM "))
            #expect(weak.errors.contains("\nhint: ACL SETUSER reader +xadd grants it"))
            #expect(!weak.errors.contains("re4der"))
        }
    }

    @Test func theFirstLineOfAFileIsThePassword() async throws {
        try await withProtectedServer { server, directory in
            let file = "\(directory)/password"
            try "s3kret\r\nmore\n".write(toFile: file, atomically: false, encoding: .utf8)
            try await inspect("unix://\(server.socketPath)", "--password-file", file).expect(.done)
            // It comes before that of the URL.
            try await inspect("unix://:gu3ss@\(server.socketPath)", "--password-file", file).expect(.done)
        }
    }

    @Test func theURLMayNameTheUserWhosePasswordStandsInAFile() async throws {
        try await withProtectedServer { server, directory in
            let file = "\(directory)/password"
            try "al1ce".write(toFile: file, atomically: false, encoding: .utf8)
            try await inspect("unix://alice@\(server.socketPath)", "--password-file", file).expect(.done)
        }
    }

    @Test func userWithoutPasswordIsNamedInTheURL() async throws {
        try await RedisServer.with(.init(users: ["guest on nopass ~* &* +@all"])) { server in
            try await inspect("unix://guest@\(server.socketPath)").expect(.done)
            try await inspect("unix://guest:@\(server.socketPath)").expect(.done)
            let asked = try await ToolProcess.run(
                ["shell", "-c", "ACL WHOAMI", "--url", "unix://guest@\(server.socketPath)"])
            #expect(asked.output == "guest\n")
        }
    }

    @Test func hintNamesTheSourceOfThePassword() async throws {
        try await withProtectedServer { server, directory in
            let file = "\(directory)/password"
            try "gu3ss".write(toFile: file, atomically: false, encoding: .utf8)
            let (plain, wrong) = ("unix://\(server.socketPath)", "unix://:gu3ss@\(server.socketPath)")
            let alice = "unix://alice@\(server.socketPath)"
            for (arguments, environment, source) in [
                (["--url", wrong], ["REDSTREAM_URL": plain], "--url"),
                ([], ["REDSTREAM_URL": wrong, "REDIS_URL": plain], "REDSTREAM_URL"),
                ([], ["REDIS_URL": wrong], "REDIS_URL"),
                (["--url", plain, "--password-file", file], [:], "--password-file \(file)"),
                (["--url", alice], [:], "--url"),
                (
                    ["--password-file", file], ["REDSTREAM_URL": alice],
                    "the user in REDSTREAM_URL, and --password-file \(file)"
                ),
            ] {
                let result = try await ToolProcess.run(["inspect-offsets"] + arguments, environment: environment)
                result.expect(.failed)
                #expect(result.errorLines.last == "hint: user or password is wrong: check \(source)")
            }
        }
    }

    @Test func passwordFileIsReadAgainAfterARotation() async throws {
        let directory = try TemporaryDirectory()
        let file = "\(directory.path)/password"
        try await RedisServer.with(.init(password: "old")) { server in
            try "old\n".write(toFile: file, atomically: false, encoding: .utf8)
            let tool = try ToolProcess([
                "consume", "--stream", "s", "--name", "n", "-o", "json", "--url", "unix://\(server.socketPath)",
                "--password-file", file,
            ])
            let admin = try await RedisConnection.connect(to: server.configuration)
            try await admin.call("XADD", "redstream:stream:s", "*", "payload", "1")
            #expect(try await tool.nextLine()?.contains("1") == true)
            try await admin.call("CONFIG", "SET", "requirepass", "new")
            try "new\n".write(toFile: file, atomically: true, encoding: .utf8)
            try await admin.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            try await admin.call("XADD", "redstream:stream:s", "*", "payload", "2")
            #expect(try await tool.nextLine()?.contains("2") == true)
            tool.signal(SIGTERM)
            let result = try await tool.result()
            result.expect(.done)
            #expect(!result.errors.contains("WRONGPASS"), "\(result.errors)")
        }
    }

    @Test func aPasswordFileThatIsNotThereIsNamed() async throws {
        let result = try await ToolProcess.runWithoutServer([
            "inspect-offsets", "--password-file", "/nonexistent/password",
        ])
        result.expect(.usage)
        #expect(result.errors.contains("cannot read the password file /nonexistent/password: No such file"))
    }

    @Test func aPasswordFileWithoutAPasswordIsRefused() async throws {
        let directory = try TemporaryDirectory()
        let file = "\(directory.path)/password"
        for text in ["", "\nsecond"] {
            try text.write(toFile: file, atomically: false, encoding: .utf8)
            let result = try await ToolProcess.runWithoutServer(["inspect-offsets", "--password-file", file])
            result.expect(.usage)
            #expect(
                result.errors.contains("the password file \(file) has no password: its first line is empty\nhint: "),
                "\(result.errors)")
        }
    }

    @Test(arguments: [
        ("rediss://h:1", "rediss://:password@h:1"), ("redis://ann:x@h:1/2", "redis://ann:password@h:1/2"),
        ("unix:///tmp/r", "unix://:password@/tmp/r"),
        ("redis+sentinel://a:1,b:2/shop", "redis+sentinel://:password@a:1,b:2/shop"),
        ("redis+cluster://a:1,b:2", "redis+cluster://:password@a:1,b:2"),
        ("rediss+cluster://a:1", "rediss+cluster://:password@a:1"),
    ])
    func aPasswordThatIsWantedIsShownInTheURLOfThatKind(url: String, wanted: String) throws {
        let error = RedisError(.server(code: "NOAUTH"), address: "h:1", reason: "NOAUTH Authentication required.")
        let hint = Failure.hint(for: error, in: .init(server: try RedisConfiguration(url: url)))
        #expect(hint == "the server wants a password: --url \(wanted), or --password-file")
    }

    @Test func aServerWithoutAPasswordSaysThatNoneIsWanted() async throws {
        try await RedisServer.with { server in
            let result = try await inspect("unix://:s3kret@\(server.socketPath)")
            result.expect(.failed)
            #expect(
                result.errors.contains(
                    "\nhint: the server has no password for this user: leave it out of REDSTREAM_URL"))
            #expect(!result.errors.contains("s3kret"))
            let directory = try TemporaryDirectory()
            let file = "\(directory.path)/password"
            try "s3kret\n".write(toFile: file, atomically: true, encoding: .utf8)
            let other = try await inspect("unix://\(server.socketPath)", "--password-file", file)
            #expect(other.errors.contains("leave it out of --password-file \(file)"))
        }
    }

    @Test(arguments: [
        ["consume", "--stream", "s", "redis://:s3kret@host"], ["redis://u:s3kret@host/2", "consume"],
        ["inspect-offsets", "--url=redis://:s3kret@host", "--bogus=unix://:s3kret@/path"],
        ["seek", "--stream", "s", "--name", "n", "--to", "redis://:s3kret@host"],
    ])
    func aURLInTheWrongPlaceKeepsItsPassword(arguments: [String]) async throws {
        let result = try await ToolProcess.runWithoutServer(arguments)
        result.expect(.usage)
        #expect(!result.errors.contains("s3kret"), "\(result.errors)")
    }

    @Test func theUndoOfASeekHoldsNoPassword() async throws {
        try await withProtectedServer { server, _ in
            try await ToolProcess.run(["produce", "--stream", "s", "{}", "--url", server.url]).expect(.done)
            let result = try await ToolProcess.run(
                ["seek", "--stream", "s", "--name", "n", "--to", "latest", "--url", server.url])
            result.expect(.done)
            #expect(!result.output.contains("s3kret"), "\(result.output)")
            #expect(result.output.contains(server.socketPath))
        }
    }

    @Test func aServerThatIsAwayIsNamedWithoutItsPassword() async throws {
        let result = try await ToolProcess.run(
            ["inspect-offsets", "--url", "redis://user:s3kret@127.0.0.1:1", "--retry-for", "0s"])
        result.expect(.unreachable)
        #expect(!result.errors.contains("s3kret"))
    }
}
