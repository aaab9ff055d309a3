import ArgumentParser
import RedstreamSystem
import TestSupport
import Testing

@testable import Redstream
@testable import RedstreamCLI

/// The question of `trim` before unread entries go: on a terminal, and nowhere else.
@Suite struct TrimQuestionTests {
    /// The stream `products` with ten old entries; `a` has read two of them, `b` all.
    private func prepared(_ body: (Fixture) async throws -> Void) async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...10, to: fixture.keys.stream("products"))
            try await fixture.setOffset("2-0", of: "a")
            try await fixture.setOffset("10-0", of: "b")
            try await body(fixture)
        }
    }

    private static let arguments = ["trim", "--stream", "products", "--expiry", "1d"]

    private func terminal(_ fixture: Fixture, _ more: String...) throws -> TerminalProcess {
        try TerminalProcess(Self.arguments + more, environment: fixture.toolEnvironment)
    }

    @Test(arguments: [("n", 10), ("", 10), ("y", 0)])
    func asksWhoLosesHowMany(answer: String, left: Int) async throws {
        try await prepared { fixture in
            let terminal = try terminal(fixture, "--once")
            try await terminal.waitUntilShown(
                "trim removes 10 entries of products for good; a loses 8 unread. Go on? [y/N] ")
            #expect(try await fixture.length(fixture.keys.stream("products")) == 10)
            terminal.type(answer + "\n")
            #expect(try await terminal.exit() == .status(left == 0 ? 0 : 1))
            #expect(try await fixture.length(fixture.keys.stream("products")) == left)
        }
    }

    @Test func serviceSaysThatItGoesOn() async throws {
        try await prepared { fixture in
            let terminal = try terminal(fixture)
            try await terminal.waitUntilShown("a loses 8 unread; it goes on until it is stopped. Go on? [y/N] ")
            terminal.type("n\n")
            #expect(try await terminal.exit() == .status(1))
            #expect(try await fixture.length(fixture.keys.stream("products")) == 10)
        }
    }

    @Test func interruptedQuestionRemovesNothing() async throws {
        try await prepared { fixture in
            let terminal = try terminal(fixture, "--once")
            try await terminal.waitUntilShown("[y/N] ")
            terminal.signal(SIGINT)
            #expect(try await terminal.exit() == .status(130))
            #expect(try await fixture.length(fixture.keys.stream("products")) == 10)
        }
    }

    @Test func yesAsksNothing() async throws {
        try await prepared { fixture in
            let terminal = try terminal(fixture, "--once", "--yes")
            #expect(try await terminal.exit() == .status(0))
            #expect(try await fixture.length(fixture.keys.stream("products")) == 0)
        }
    }

    @Test func nothingUnreadAsksNothing() async throws {
        try await prepared { fixture in
            try await fixture.setOffset("10-0", of: "a")
            let terminal = try terminal(fixture, "--once")
            #expect(try await terminal.exit() == .status(0))
            #expect(try await fixture.length(fixture.keys.stream("products")) == 0)
        }
    }

    @Test func dryRunAsksNothing() async throws {
        try await prepared { fixture in
            let terminal = try terminal(fixture, "--dry-run")
            #expect(try await terminal.exit() == .status(0))
            #expect(try await fixture.length(fixture.keys.stream("products")) == 10)
        }
    }

    @Test func scriptIsAskedNothing() async throws {
        try await prepared { fixture in
            let result = try await ToolProcess.run(Self.arguments + ["--once"], environment: fixture.toolEnvironment)
            result.expect(.done)
            #expect(result.output.contains("a lost 8 unread"))
        }
    }

    @Test(arguments: ["</dev/null", "2>/dev/null", "& wait"])
    func nobodyIsAskedWhoCannotAnswer(end: String) async throws {
        try await prepared { fixture in
            var environment = fixture.toolEnvironment
            environment["REDSTREAM"] = ToolProcess.executable
            let command = "\"$REDSTREAM\" trim --stream products --expiry 1d --once \(end)"
            // With job control, as at a prompt, a command in the background has a process group of its own.
            let terminal = try TerminalProcess(
                ["--ctty", "--wait", "bash", "-m", "-c", "\(command); echo ended"], environment: environment,
                program: "/usr/bin/setsid")
            try await terminal.waitUntilShown("ended")
            _ = try await terminal.exit()
            #expect(try await fixture.length(fixture.keys.stream("products")) == 0)
        }
    }

    @Test func shellTakesYesToo() async throws {
        try await prepared { fixture in
            let line = "trim --stream products --expiry 1d --once"
            let refused = try await fixture.run("shell", "-c", line)
            refused.expect(.failed)
            #expect(refused.errors.contains("not done: trim removes 10 entries of products for good; a loses 8 unread"))
            try await fixture.run("shell", "-c", line + " --yes").expect(.done)
            #expect(try await fixture.length(fixture.keys.stream("products")) == 0)
        }
    }

    @Test func severalStreamsAreNamedWithTheirLosers() throws {
        let trim = try #require(try RedstreamCommand.parseAsRoot(["trim", "--expiry", "1d", "--once"]) as? TrimCommand)
        let question = trim.question([
            report("orders", removed: 1), report("products", removed: 1_002_000, unread: ["b": 3, "a": 1_000_000]),
        ])
        #expect(
            question == "trim removes 1,002,001 entries of every stream for good; "
                + "a of products loses 1,000,000 unread, b of products loses 3 unread")
    }

    private func report(_ stream: String, removed: Int, unread: [String: Int] = [:]) -> TrimReport {
        var report = TrimReport(stream: stream)
        report.removed = removed
        report.unread = unread
        return report
    }
}
