import FoundationEssentials
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// Files that the user names: a signal ends the wait for each, and a read error is no end.
@Suite(.timeLimit(.minutes(2))) struct NamedFileTests {
    private let directory: TemporaryDirectory
    private var pipe: String { "\(directory.path)/pipe" }

    init() throws {
        directory = try TemporaryDirectory()
        guard mkfifo(pipe, 0o600) == 0 else { throw SystemError("mkfifo") }
    }

    @Test(arguments: [
        ["produce", "--stream", "s", "--file", "PIPE"],
        ["produce", "--stream", "s", "--around", "true", "--file", "PIPE"],
        ["inspect-offsets", "--password-file", "PIPE"], ["consume", "--stream", "s", "--password-file", "PIPE"],
        ["shell", "--file", "PIPE"], ["shell", "-c", "produce --stream s --file PIPE"],
    ])
    func aSignalEndsTheWaitForAWriter(arguments: [String]) async throws {
        try await withNamespace { fixture in
            let words = arguments.map { $0.replacing("PIPE", with: pipe) }
            let tool = try ToolProcess(words, environment: fixture.toolEnvironment)
            // A writer that leaves at once is the end of the file: hold it open.
            let writer = try await eventually("the pipe is read") {
                try? OpenFile.writing(pipe, appends: false)
            }
            tool.signal(SIGTERM)
            let result = try await tool.result()
            #expect(result.exit == .status(143), "\(result.errors)")
            withExtendedLifetime(writer) {}
        }
    }

    @Test func aSignalEndsTheWaitForAReader() async throws {
        try await withNamespace { fixture in
            let tool = try fixture.tool("shell", "-c", "ECHO begins", "-c", "PING > \(pipe)")
            #expect(try await tool.nextLine() == "begins")
            tool.signal(SIGTERM)
            #expect(try await tool.result().exit == .status(143))
        }
    }

    @Test func outputWaitsForTheReaderOfAPipe() async throws {
        try await withNamespace { fixture in
            let tool = try fixture.tool("shell", "-c", "ECHO begins", "-c", "ECHO hello > \(pipe)")
            #expect(try await tool.nextLine() == "begins")
            let reader = try OpenFile.reading(pipe)
            #expect(try await tool.result().exit == .status(0))
            #expect(try reader.contents(atMost: 100) == Array("hello\n".utf8))
        }
    }

    @Test func aSignalEndsTheWaitForAScript() async throws {
        try await withNamespace { fixture in
            let tool = try fixture.tool("shell", input: .pipe)
            tool.write("ECHO begins\nECHO hal")
            #expect(try await tool.nextLine() == "begins")
            tool.signal(SIGTERM)
            let result = try await tool.result()
            #expect(result.exit == .status(143))
            #expect(result.lines == ["begins"])
        }
    }

    @Test func inputThatIsNotThereYetIsNotTheEnd() async throws {
        try await withNamespace { fixture in
            let tool = try fixture.tool("shell", input: .nonBlockingPipe)
            tool.write("ECHO a\n")
            #expect(try await tool.nextLine() == "a")
            tool.write("ECHO b\n")
            #expect(try await tool.nextLine() == "b")
            tool.closeInput()
            #expect(try await tool.result().exit == .status(0))
        }
    }

    @Test(arguments: ["shell", "shell --file -", "produce --stream s --ids", "shard-of --shards 4"])
    func aReadErrorIsNotTheEnd(command: String) async throws {
        try await withNamespace { fixture in
            let tool = try fixture.shell("exec \"$REDSTREAM\" \(command) <\(directory.path)")
            let result = try await tool.result()
            #expect(result.exit == .status(65))
            #expect(result.errors.contains("Is a directory"), "\(result.errors)")
        }
    }

    @Test(.enabled(if: access("/proc/self/mem", R_OK) == 0))
    func aScriptThatCannotBeReadIsNoWholeOne() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.tool("shell", "--file", "/proc/self/mem").result()
            #expect(result.exit == .status(65))
            #expect(result.errors.contains("cannot read /proc/self/mem: Input/output error; nothing was run"))
        }
    }

    @Test func aPasswordThatIsTooLongIsRefused() async throws {
        let file = "\(directory.path)/password"
        try String(repeating: "x", count: 4097).write(toFile: file, atomically: false, encoding: .utf8)
        let result = try await ToolProcess.run(["inspect-offsets", "--password-file", file])
        #expect(result.exit == .status(64))
        #expect(
            result.errors == """
                redstream: cannot read the password file \(file): it is longer than 4096 bytes
                hint: its first line is the password: is it the right file?

                """)
    }

    @Test func aPasswordMayComeFromAPipe() async throws {
        let server = try await RedisServer.start(.init(password: String(repeating: "x", count: 4096)))
        let tool = try ToolProcess(
            ["inspect-offsets", "--password-file", pipe], environment: ["REDSTREAM_URL": "unix://\(server.socketPath)"])
        let writer = try await eventually("the pipe is read") { try? OpenFile.writing(pipe, appends: false) }
        // In two parts, each of which may be read alone.
        try Descriptor.writeAll(Array(repeating: UInt8(ascii: "x"), count: 4000), to: writer.descriptor)
        try await eventually("the first part is read") { unread(in: writer.descriptor) == 0 }
        try Descriptor.writeAll(Array(repeating: UInt8(ascii: "x"), count: 96), to: writer.descriptor)
        try Descriptor.writeAll(Array("\nthe second line\n".utf8), to: writer.descriptor)
        #expect(try await tool.result().exit == .status(0))
    }

    @Test func aPasswordIsReadFromAPipeOnlyOnce() async throws {
        let server = try await RedisServer.start(.init(password: "right"))
        let tool = try ToolProcess(
            ["inspect-offsets", "--password-file", pipe], environment: ["REDSTREAM_URL": "unix://\(server.socketPath)"])
        do {
            let writer = try await eventually("the pipe is read") { try? OpenFile.writing(pipe, appends: false) }
            try Descriptor.writeAll(Array("wrong\n".utf8), to: writer.descriptor)
        }
        let result = try await tool.result()
        #expect(result.exit == .status(1))
        // The hint needs the server again, and its password with it.
        #expect(result.errors.contains("hint: user or password is wrong: check --password-file \(pipe)"))
    }

    /// The number of bytes that wait in a pipe.
    private func unread(in descriptor: Int32) -> Int32 {
        var count: Int32 = 0
        _ = ioctl(descriptor, UInt(FIONREAD), &count)
        return count
    }

    @Test func theUsersDirectoryForTemporaryFilesIsUsed() async throws {
        let place = "\(directory.path)/a \"$(touch bad)%20"
        mkdir(place, 0o700)
        let result = try await ToolProcess.run(
            ["sandbox", "--", "/bin/sh", "-c", "\"$REDSTREAM\" shell -c PING && ls \"$TMPDIR\""],
            environment: ["REDSTREAM": ToolProcess.executable, "TMPDIR": place])
        result.expect(.done)
        #expect(result.lines.first == "PONG")
        #expect(result.lines.last?.hasPrefix("redstream-sandbox-") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: place).isEmpty)
    }

    @Test func aDirectoryForTemporaryFilesThatIsNotThereIsToldOf() async throws {
        let result = try await ToolProcess.run(["sandbox", "--", "true"], environment: ["TMPDIR": "/nonexistent"])
        #expect(result.exit == .status(1))
        #expect(result.errors.contains("cannot make a temporary directory in /nonexistent: No such file or directory"))
        #expect(result.errors.contains("hint: TMPDIR"))
    }
}
