import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// `consume --exec` with a command that fails, hangs, or kills its host.
@Suite(.timeLimit(.minutes(3))) struct ExecFailurePolicyTests {
    private let name = ConsumerName(stream: "products", name: "indexer")

    /// Runs the consumer up to the stream's end.
    private func consume(_ fixture: Fixture, exec: String, _ options: String...) throws -> ToolProcess {
        let arguments = ["consume", "--stream", "products", "--name", "indexer", "--exit-at-end", "--exec", exec]
        return try ToolProcess(arguments + options, environment: fixture.toolEnvironment)
    }

    @Test func aCommandThatIsNotThereCostsNoMessageItsPlace() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...3, to: fixture.keys.stream("products"))
            // However often a supervisor starts it again.
            for _ in 0..<4 {
                let result = try await consume(
                    fixture, exec: "no-such-command-anywhere", "--max-attempts", "1", "--on-failure", "dead-letter"
                ).result()
                result.expect(.failed)
                let sentence = "redstream: cannot consume: exit 127: the command was not found"
                #expect(result.errors.contains(sentence))
                #expect(result.errorLines.last == "hint: see --exec; nothing of the batch is committed")
            }
            #expect(try await fixture.length(fixture.keys.deadLetters(name)) == 0)
            #expect(try await fixture.string(fixture.keys.offset(name)) == "0-0")
        }
    }

    @Test func poisonMessageBecomesADeadLetterAndIsReplayedOnce() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...1000, to: fixture.keys.stream("products"))
            let exec = #"cat >batch; ! grep -q '"payload":500}' batch || exit 1; sed 's/.*:\([0-9]*\)}$/\1/' batch"#
            let directory = try TemporaryDirectory()
            let result = try await consume(
                fixture, exec: "cd \(directory.path); \(exec)", "--max-attempts", "2", "--on-failure", "dead-letter"
            ).result()
            result.expect(.done)
            // The others, each once and in order.
            #expect(result.lines == (1...1000).filter { $0 != 500 }.map(String.init))
            // Twice the whole batch, then each of nine parts once, and one wait: the others wait for no more.
            #expect(result.errorLines.filter { $0.contains(" failed (") }.count == 11)
            #expect(result.errorLines.filter { $0.contains("; retrying in ") }.count == 1)
            #expect(
                result.errors.contains(
                    "redstream: products, indexer: message 500-0 failed on its own after 11 attempts: moved to dead letters"
                ))
            #expect(try await fixture.offset() == "1000-0")

            let letters = ["--stream", "products", "--consumer", "indexer"]
            let list = try await tool(fixture, ["dead-letters", "list", "-o", "json"] + letters)
            let letter = try list.json()
            #expect(letter["message"] == "500-0")
            #expect(letter["reason"] == "exit 1")
            #expect(letter["attempts"] == "11")
            #expect(letter["replays"] == "0")
            let origin = try #require(try await fixture.client.deadLetters(of: name).first?.origin)
            #expect(origin.stream == "products")
            #expect(origin.consumer == "indexer")
            let now = UInt64(try await fixture.serverTime())
            #expect((now - 120_000...now).contains(origin.time))

            let replay = try await tool(fixture, ["dead-letters", "replay", "--yes"] + letters)
            replay.expect(.done)
            #expect(replay.output.hasPrefix("replayed 1 message to products, last id "))
            let second = try await tool(fixture, ["dead-letters", "replay", "--yes"] + letters)
            #expect(second.output == "replayed 0 messages to products\n")
            let again = try await consume(fixture, exec: "cat").result()
            #expect(again.lines.count == 1)
            #expect(again.output.hasSuffix(#""stream":"products","payload":500}"# + "\n"))
            #expect(try await tool(fixture, ["dead-letters", "list"] + letters).output.isEmpty)
        }
    }

    private func tool(_ fixture: Fixture, _ arguments: [String]) async throws -> ToolProcess.Result {
        try await ToolProcess(arguments, environment: fixture.toolEnvironment).result()
    }

    @Test func theAttemptStaysTrueWhileABatchIsNarrowedDown() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...4, to: fixture.keys.stream("products"))
            let result = try await consume(
                fixture, exec: #"echo "$REDSTREAM_FIRST_ID $REDSTREAM_COUNT $REDSTREAM_ATTEMPT"; ! grep -q 'd":4}'"#,
                "--max-attempts", "2", "--on-failure", "skip"
            ).result()
            result.expect(.done)
            #expect(result.lines == ["1-0 4 1", "1-0 4 2", "1-0 2 3", "3-0 2 3", "3-0 1 4", "4-0 1 4"])
            #expect(result.errors.contains("message 4-0 failed on its own after 4 attempts: skipped"))
            #expect(try await fixture.offset() == "4-0")
        }
    }

    @Test func stoppingNamesTheMessageAndTheWaysOn() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...2, to: fixture.keys.stream("products"))
            let result = try await consume(fixture, exec: "! grep -q 'd\":2}'", "--max-attempts", "1").result()
            result.expect(.failed)
            #expect(
                result.errors.contains(
                    "redstream: cannot consume: message 2-0 failed on its own after 2 attempts: exit 1\n"
                        + "hint: --on-failure dead-letter sets such messages aside; redstream seek --stream products --name indexer --to 2-0 skips this one\n"
                ))
            #expect(try await fixture.offset() == "1-0")
            // The next start tries it again.
            try await consume(fixture, exec: "cat", "--max-attempts", "1").result().expect(.done)
            #expect(try await fixture.offset() == "2-0")
        }
    }

    @Test func aCommandThatKillsItsHostIsCountedAndNarrowedDown() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...4, to: fixture.keys.stream("products"))
            let deaths = Recorder<ToolProcess.Result>()
            while true {
                let result = try await consume(
                    fixture, exec: #"if grep -q 'd":3}'; then kill -9 $PPID; sleep 0.2; exit 1; fi"#,
                    "--max-attempts", "2", "--on-failure", "dead-letter"
                ).result()
                guard result.exit == .signal(SIGKILL) else {
                    result.expect(.done)
                    break
                }
                try #require(deaths.note(result) < 10)
                // As when the lease has run out.
                try await fixture.redis("DEL", fixture.keys.lock(name).key)
            }
            // Twice the batch, once its half, once alone.
            #expect(deaths.count == 4)
            let letter = try #require(try await fixture.client.deadLetters(of: name).first)
            #expect(letter.message.id.description == "3-0")
            #expect(letter.origin?.attempts == 4)
            #expect(letter.origin?.reason == "no answer: the process that handled it has ended")
            #expect(try await fixture.offset() == "4-0")
            #expect(try await fixture.redis("EXISTS", fixture.keys.attempts(name)).integer == 0)
        }
    }

    @Test func aCommandThatHangsIsEndedWithAllThatItStarted() async throws {
        try await withNamespace { fixture in
            try await fixture.add(to: fixture.keys.stream("products"))
            let result = try await consume(
                fixture, exec: "sleep 100 & echo $! $$; wait", "--timeout", "200ms", "--max-attempts", "2",
                "--on-failure", "skip"
            ).result()
            result.expect(.done)
            #expect(result.errors.contains("the command did not end within 200ms"))
            let processes = result.lines.flatMap { $0.split(separator: " ").compactMap { pid_t($0) } }
            #expect(processes.count == 4)
            for process in processes {
                try await eventually("process \(process) is gone") { kill(process, 0) != 0 }
            }
        }
    }

    @Test func aCommandThatDoesNotHeedSIGTERMIsKilled() async throws {
        try await withNamespace { fixture in
            try await fixture.add(to: fixture.keys.stream("products"))
            let result = try await consume(
                fixture, exec: "trap '' TERM; while :; do sleep 0.1; done", "--timeout", "100ms", "--max-attempts",
                "1", "--on-failure", "skip"
            ).result()
            result.expect(.done)
            #expect(result.errors.contains("did not end within 100ms"))
        }
    }

    @Test func aCommandThatIsQuickEnoughIsNotTouched() async throws {
        try await withNamespace { fixture in
            try await fixture.add(to: fixture.keys.stream("products"))
            let result = try await consume(fixture, exec: "echo done", "--timeout", "1m").result()
            result.expect(.done)
            #expect(result.output == "done\n")
            #expect(result.errorsBesidesNew.isEmpty)
        }
    }

    @Test(arguments: [
        (
            ["--on-failure", "skip", "--exec", "x"],
            "--on-failure says what follows the last attempt: add --max-attempts"
        ),
        (["--max-attempts", "0", "--exec", "x"], "--max-attempts is at least 1"),
        (["--max-attempts", "1"], "--max-attempts is about the command of --exec: add it"),
        (["--timeout", "1s"], "--timeout is about the command of --exec: add it"),
        (["--timeout", "5", "--exec", "x"], "5"),
    ])
    func optionsThatMakeNoSenseAreRefused(options: [String], message: String) async throws {
        let result = try await ToolProcess.runWithoutServer(
            ["consume", "--stream", "products", "--name", "indexer"] + options)
        result.expect(.usage)
        #expect(result.errors.contains(message))
    }
}
