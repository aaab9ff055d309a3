import LineEditing
import RedstreamConnection
import Testing

@testable import RedstreamCLI

/// A line of the shell as the question, the pager and the run see it.
struct ShellLineTests {
    @Test(arguments: ["PING", "redis trim", "redis 3 PING", "watch key", "WATCH 2s", "Trim"])
    func otherWordsAreForRedis(text: String) throws {
        guard case .redis(let words) = try ShellLine.parsed(text).command else {
            Issue.record("not for Redis: \(text)")
            return
        }
        #expect(words.texts == text.split(separator: " ").drop { $0 == "redis" }.map(String.init))
    }

    @Test func commandOfTheToolIsParsedWithTheStreamInUse() throws {
        let line = try ShellLine.parsed("trim --expiry 1d --once --yes > out") { $0.stream = "products" }
        guard case .ours(let tool) = line.command else {
            Issue.record("not a command of the tool")
            return
        }
        let trim = try #require(tool.command as? TrimCommand)
        #expect(trim.stream == ["products"] && trim.yes && line.target == .file("out", appends: false))
    }

    @Test func commandIsParsedOnceForAllOfItsRuns() throws {
        guard case .repeated(3, .watch(let watch)) = try ShellLine.parsed("3 watch 2s inspect-offsets").command,
            case .ours(let tool) = watch.command
        else {
            Issue.record("not a command that runs again and again")
            return
        }
        #expect(tool.command is InspectCommand && watch.interval == .seconds(2))
    }

    @Test(arguments: [
        ("0 PING", "at least 1"), ("redis", "usage: redis"), ("watch 1s", "usage: watch"),
        ("watch 1s watch 1s PING", "watch cannot watch itself"), ("use a b", "takes 1 argument"),
        ("shell", "this is the shell already"), ("watch 1s sandbox", "a shell of its own"),
        ("PING |", "stands between"), (#"use "\xff""#, "not UTF-8"),
    ])
    func wrongUseIsRefusedBeforeAnythingRuns(text: String, said: String) throws {
        let failure = #expect(throws: Failure.self) { try ShellLine.parsed(text) }
        #expect(failure?.code == .usage && failure?.message.contains(said) == true)
    }
}

extension ShellLine {
    /// Parses a line in a session whose state a closure changes.
    static func parsed(
        _ text: String, _ change: (inout ShellSession.State) -> Void = { _ in }
    ) throws -> ShellLine {
        var state = ShellSession.State(configuration: RedisConfiguration())
        change(&state)
        return try ShellLine(LineTokenizer.command(in: Array(text.utf8)), RedstreamCommand.grammar, state)
    }
}
