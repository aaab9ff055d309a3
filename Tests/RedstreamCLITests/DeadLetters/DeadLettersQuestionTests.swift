import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// The questions of `dead-letters replay` and `purge`.
@Suite(.timeLimit(.minutes(3))) struct DeadLettersQuestionTests {
    private let name = ConsumerName(stream: "products", name: "indexer")

    @Test func nothingIsReplayedOrPurgedWithoutBeingAsked() async throws {
        try await withNamespace { fixture in
            try await fixture.writeDeadLetters(1...2)
            let replay = try await fixture.runDeadLetters("replay")
            replay.expect(.failed)
            #expect(
                replay.errors
                    == "redstream: not done: replay writes 2 dead letters of indexer to products again, for all of its consumers\nhint: --yes lets it run without a question\n"
            )
            let purge = try await fixture.runDeadLetters("purge")
            purge.expect(.failed)
            #expect(
                purge.errors.hasPrefix(
                    "redstream: not done: purge removes 2 dead letters of indexer of products for good\n"))
            #expect(
                try await fixture.runDeadLetters("replay", "--dry-run").output
                    == "would replay 2 messages to products\n")
            #expect(
                try await fixture.runDeadLetters("purge", "--dry-run").output
                    == "products, indexer: would purge 2 dead letters\n")
            #expect(try await fixture.client.deadLetterCount(of: name) == 2)
            #expect(try await fixture.length(fixture.keys.stream("products")) == 2)
        }
    }

    @Test func onATerminalAQuestionIsAsked() async throws {
        try await withNamespace { fixture in
            try await fixture.writeDeadLetters(1...1)
            let arguments = ["dead-letters", "purge", "--stream", "products", "--consumer", "indexer"]
            for (answer, count) in [("n\n", 1), ("", 1), ("y\n", 0)] {
                let terminal = try TerminalProcess(arguments, environment: fixture.toolEnvironment)
                try await terminal.waitUntilShown("for good. Go on? [y/N] ")
                if answer.isEmpty { terminal.signal(SIGINT) } else { terminal.type(answer) }
                let exit = try await terminal.exit()
                switch answer {
                case "y\n": #expect(exit == .status(0))
                case "n\n": #expect(exit == .status(1))
                default: #expect(exit == .status(130))
                }
                #expect(try await fixture.client.deadLetterCount(of: name) == count)
            }
        }
    }

    @Test func inTheBackgroundNobodyIsAsked() async throws {
        try await withNamespace { fixture in
            try await fixture.writeDeadLetters(1...1)
            var environment = fixture.toolEnvironment
            environment["REDSTREAM"] = ToolProcess.executable
            let command = "\"$REDSTREAM\" dead-letters purge --stream products --consumer indexer & wait $!"
            let terminal = try TerminalProcess(
                ["--ctty", "--wait", "bash", "-m", "-c", "\(command); echo ended with $?"], environment: environment,
                program: "/usr/bin/setsid")
            try await terminal.waitUntilShown("hint: --yes lets it run without a question")
            try await terminal.waitUntilShown("ended with 1")
            _ = try await terminal.exit()
            #expect(try await fixture.client.deadLetterCount(of: name) == 1)
        }
    }

    @Test func theShellAsksToo() async throws {
        try await withNamespace { fixture in
            try await fixture.writeDeadLetters(1...1)
            let script = "use products\ndead-letters purge --consumer indexer\n"
            let refused = try await fixture.run("shell", input: .text(script))
            refused.expect(.failed)
            #expect(refused.errors.contains("purge removes 1 dead letter of indexer of products for good"))
            #expect(try await fixture.client.deadLetterCount(of: name) == 1)
            try await fixture.run("shell", "--yes", input: .text(script)).expect(.done)
            #expect(try await fixture.client.deadLetterCount(of: name) == 0)
        }
    }
}
