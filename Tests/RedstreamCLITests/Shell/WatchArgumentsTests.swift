import TestSupport
import Testing

@testable import RedstreamCLI

/// The arguments of `watch`, and the answers to wrong ones.
struct WatchArgumentsTests {
    @Test(arguments: [
        ("2s PING", true), ("--until-empty 2s PING", true), ("2s --until-no-lag PING", true), ("1 PING", true),
        ("--until-no-lag 1 PING", true), ("key", false), ("key other", false), ("--until-empty key", false),
        ("never PING", false), ("", false),
    ])
    func areMeantByADurationOrANumber(text: String, isOurs: Bool) {
        #expect(WatchArguments.areMeant(by: text.split(separator: " ").map(String.init)[...]) == isOurs)
    }

    @Test func areReadWithOptionsOnBothSidesOfTheInterval() {
        for words in [["--until-empty", "2s", "PING", "a"], ["2s", "--until-empty", "PING", "a"]] {
            let arguments = WatchArguments(words[...])
            #expect(arguments.condition == .empty && arguments.interval == "2s")
            #expect(Array(arguments.command) == ["PING", "a"])
        }
    }

    @Test func refuseANumberWithoutAUnit() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.tool("shell", "-c", "watch 1 PING").result()
            #expect(result.exit == .status(64))
            #expect(result.errors.contains("write 1s"))
        }
    }

    @Test func redisItselfTellsWhichCommandsItHas() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.tool("shell", "-c", "redis help").result()
            #expect(result.errors.contains("help is no command of Redis: leave out redis"))
            let near = try await fixture.tool("shell", "-c", "inspct").result()
            #expect(near.errors.contains("did you mean inspect-offsets?"))
            let login = try await fixture.tool("shell", "-c", "AUTH foo").result()
            #expect(login.exit != .status(0) && !login.errors.contains("--url"))
        }
    }
}
