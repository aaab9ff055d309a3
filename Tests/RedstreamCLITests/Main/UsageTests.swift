import Redstream
import RedstreamConnection
import TestSupport
import Testing

@testable import RedstreamCLI

/// The usage that all commands have in common.
@Suite struct UsageTests {
    private static let commands = [
        "produce", "consume", "delay", "trim", "inspect-offsets", "seek", "forget", "dead-letters", "sandbox",
    ]

    @Test func theVersionIsOneLine() async throws {
        let result = try await ToolProcess.run(["--version"])
        result.expect(.done)
        #expect(result.output == "redstream \(RedstreamCommand.version)\n")
    }

    @Test func theHelpNamesEveryCommandAndEveryExitCode() async throws {
        for arguments in [["--help"], ["help"], []] {
            let result = try await ToolProcess.run(arguments)
            result.expect(.done)
            for command in Self.commands { #expect(result.output.contains("  \(command) ")) }
            let words = Set(result.output.split { $0.isWhitespace })
            for (code, _) in ExitCode.table { #expect(words.contains("\(code.rawValue)")) }
            #expect(result.errors.isEmpty)
        }
    }

    @Test(arguments: commands)
    func everyCommandHasHelpAtBothPlaces(command: String) async throws {
        let help = try await ToolProcess.run([command, "--help"])
        help.expect(.done)
        #expect(help.output.contains("USAGE: redstream \(command)"))
        #expect(help.errors.isEmpty)
        #expect(try await ToolProcess.run(["help", command]).output == help.output)
    }

    @Test(arguments: [
        ["produce", "--stream", "s"], ["consume", "--stream", "s"], ["delay", "--delay", "1s"],
        ["trim", "--expiry", "1d"], ["inspect-offsets"],
        ["seek", "--stream", "s", "--name", "n", "--to", "latest"],
        ["forget", "--stream", "s", "--name", "n"], ["sandbox"],
    ])
    func anUnknownOptionIsWrongUsage(command: [String]) async throws {
        let result = try await ToolProcess.runWithoutServer(command + ["--bogus"])
        result.expect(.usage)
        #expect(
            result.errors
                == "redstream: \(command[0]) has no option --bogus\nhint: redstream \(command[0]) --help\n")
        #expect(result.output.isEmpty)
    }

    @Test func aMisspeltOptionIsNamedRatherThanTheOneThatIsMissing() async throws {
        let result = try await ToolProcess.runWithoutServer(["produce", "--strem", "s", "{}"])
        result.expect(.usage)
        #expect(result.errors == "redstream: produce has no option --strem\nhint: did you mean --stream?\n")
    }

    @Test func anUnknownCommandIsWrongUsage() async throws {
        let result = try await ToolProcess.runWithoutServer(["consum"])
        result.expect(.usage)
        #expect(result.errors == "redstream: there is no command consum\nhint: did you mean consume?\n")
    }

    @Test(arguments: [
        ["produce", "--stream", "s", "--connect-timeout", "5"],
        ["produce", "--stream", "s", "--retry-for", "5"],
        ["delay", "--delay", "5"], ["delay", "--delay", "1m", "--grace", "5"], ["trim", "--expiry", "5"],
        ["trim", "--expiry", "1d", "--interval", "5"], ["inspect-offsets", "--max-behind", "5"],
        ["inspect-offsets", "--stalled-after", "5"], ["inspect-offsets", "--delay", "5"],
        ["consume", "--stream", "s", "--grace", "5"], ["consume", "--stream", "s", "--since", "5"],
    ])
    func aDurationWithoutAUnitSaysSo(arguments: [String]) async throws {
        let result = try await ToolProcess.runWithoutServer(arguments)
        result.expect(.usage)
        #expect(result.errors.contains("it has no unit: write 5"))
    }

    @Test(arguments: [
        ["trim", "--expiry", "1d"], ["delay", "--delay", "1m"], ["consume", "--stream", "s", "--name", "n"],
        ["inspect-offsets", "--watch"],
    ])
    func servicesWaitForTheServerForAsLongAsItTakes(command: [String]) async throws {
        let tool = try ToolProcess(command + ["--url", "unix:///nonexistent/redis", "--retry-for", "1ms"])
        try await tool.waitForErrors(containing: "trying until it is back\nhint: ")
        tool.signal(15)
        let result = try await tool.result()
        result.expect(.done)
        #expect(result.errorLines.count == 3)
        #expect(result.errorLines.line(0).hasPrefix("redstream: --retry-for is ignored: "))
        #expect(result.output.isEmpty)
    }

    @Test func everyCommandHasAJSONFormatWithOneDocumentALine() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...2, to: fixture.keys.delayStream("s"))
            for arguments in [
                ["produce", "--stream", "s", "1"], ["delay", "--delay", "0s", "--once"],
                ["consume", "--stream", "s", "--name", "n", "--exit-at-end"], ["inspect-offsets"],
                ["seek", "--stream", "s", "--name", "n", "--to", "earliest"],
                ["trim", "--expiry", "0s", "--once"],
                ["forget", "--stream", "s", "--name", "n"],
            ] {
                let result = try await ToolProcess(
                    arguments + ["-o", "json"], environment: fixture.toolEnvironment
                ).result()
                result.expect(.done)
                #expect(!result.lines.isEmpty)
                for line in result.lines { #expect(line.hasPrefix("{\"") && line.hasSuffix("}"), "\(line)") }
                #expect(result.errorsBesidesNew.isEmpty)
            }
        }
    }

    @Test func colourNeverStandsInAPipe() async throws {
        try await withNamespace { fixture in
            try await fixture.add(to: fixture.keys.stream("s"))
            let result = try await fixture.run("inspect-offsets", environment: ["TERM": "xterm-256color"])
            #expect(!result.outputBytes.contains(0x1b))
        }
    }
}
