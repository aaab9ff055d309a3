import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// `consume --exec`: a command that handles each batch.
@Suite struct ExecTests {
    @Test func theCommandGetsTheBatchAndWhatIsKnownOfIt() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...3, to: fixture.keys.stream("products"))
            let result = try await fixture.run(
                "consume", "--stream", "products", "--name", "indexer", "--exit-at-end", "--exec",
                #"env | grep '^REDSTREAM_[SCFLA]' | grep -v URL | sort; cat"#)
            result.expect(.done)
            #expect(
                result.lines == [
                    "REDSTREAM_ATTEMPT=1", "REDSTREAM_CONSUMER=indexer", "REDSTREAM_COUNT=3",
                    "REDSTREAM_FIRST_ID=1-0", "REDSTREAM_LAST_ID=3-0", "REDSTREAM_STREAM=products",
                    #"{"id":"1-0","stream":"products","payload":1}"#,
                    #"{"id":"2-0","stream":"products","payload":2}"#,
                    #"{"id":"3-0","stream":"products","payload":3}"#,
                ])
            #expect(try await fixture.offset() == "3-0")
        }
    }

    @Test func theCommandRunsOnceForEachBatchInOrder() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...5, to: fixture.keys.stream("products"))
            let result = try await fixture.run(
                "consume", "--stream", "products", "--name", "indexer", "--exit-at-end", "--batch-size", "2",
                "--exec", #"cat >/dev/null; echo "$REDSTREAM_FIRST_ID $REDSTREAM_LAST_ID""#)
            result.expect(.done)
            #expect(result.lines == ["1-0 2-0", "3-0 4-0", "5-0 5-0"])
        }
    }

    @Test func aFailedBatchIsTriedAgainWithTheNumberOfTheAttempt() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...2, to: fixture.keys.stream("products"))
            let result = try await fixture.run(
                "consume", "--stream", "products", "--name", "indexer", "--exit-at-end", "--exec",
                #"wc -l; echo "attempt $REDSTREAM_ATTEMPT"; [ "$REDSTREAM_ATTEMPT" = 3 ] || exit 7"#)
            result.expect(.done)
            #expect(result.output.replacing(" ", with: "") == "2\nattempt1\n2\nattempt2\n2\nattempt3\n")
            #expect(result.errorsBesidesNew.count(of: "\n") == 2)
            #expect(
                result.errors.contains(
                    "redstream: products, indexer: attempt 1 failed (2 messages from 1-0): exit 7"
                ))
            #expect(try await fixture.offset() == "2-0")
        }
    }

    @Test func aCommandThatWasKilledHasFailed() async throws {
        try await withNamespace { fixture in
            try await fixture.add(to: fixture.keys.stream("products"))
            let result = try await fixture.run(
                "consume", "--stream", "products", "--name", "indexer", "--exit-at-end", "--exec",
                #"[ "$REDSTREAM_ATTEMPT" = 2 ] || kill -KILL $$"#)
            result.expect(.done)
            #expect(result.errors.contains("the command was killed by signal 9"))
        }
    }

    @Test func nothingIsCommittedWhileTheCommandFails() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...2, to: fixture.keys.stream("products"))
            let tool = try fixture.tool(
                "consume", "--stream", "products", "--name", "indexer", "--exec", "exit 1")
            try await tool.waitForErrors(containing: "attempt 2 failed")
            tool.signal(SIGTERM)
            try await tool.result().expect(.done)
            #expect(try await fixture.offset() == "0-0")
            #expect(try await fixture.holder() == nil)
        }
    }

    @Test func notReadingTheInputIsNoFailure() async throws {
        try await withNamespace { fixture in
            let payload = "\"" + String(repeating: "x", count: 100_000) + "\""
            for number in 1...20 {
                try await fixture.add(payload, id: "\(number)-0", to: fixture.keys.stream("products"))
            }
            let result = try await fixture.run(
                "consume", "--stream", "products", "--name", "indexer", "--exit-at-end", "--exec", "head -c 1"
            )
            result.expect(.done)
            #expect(result.errorsBesidesNew.isEmpty)
            #expect(try await fixture.offset() == "20-0")
        }
    }

    @Test func whatTheCommandSaysPassesThrough() async throws {
        try await withNamespace { fixture in
            try await fixture.add(to: fixture.keys.stream("products"))
            let result = try await fixture.run(
                "consume", "--stream", "products", "--name", "indexer", "--exit-at-end", "--exec",
                "echo out; echo err >&2")
            result.expect(.done)
            #expect(result.output == "out\n")
            #expect(result.errorsBesidesNew == "err\n")
        }
    }

    @Test(arguments: ["", " \t"])
    func anEmptyCommandIsWrongUsage(command: String) async throws {
        let result = try await ToolProcess.runWithoutServer(
            ["consume", "--stream", "products", "--name", "indexer", "--exec", command])
        result.expect(.usage)
        #expect(result.errors.contains("--exec is empty: name a command"))
    }

    @Test func theCommandHasAProcessGroupOfItsOwn() async throws {
        try await withNamespace { fixture in
            try await fixture.add(to: fixture.keys.stream("products"))
            let result = try await fixture.run(
                "consume", "--stream", "products", "--name", "indexer", "--exit-at-end", "--exec",
                "kill -0 -$$ && echo leads")
            result.expect(.done)
            #expect(result.output == "leads\n")
        }
    }

    @Test func aLostLeaseKillsTheCommandAndWhatItStarted() async throws {
        try await withNamespace { fixture in
            let directory = try TemporaryDirectory()
            try await fixture.add(to: fixture.keys.stream("products"))
            let tool = try fixture.tool(
                "consume", "--stream", "products", "--name", "indexer", "--exec",
                "sleep 100 & echo $! $$; wait; touch \(directory.path)/survived")
            let line = try #require(try await tool.nextLine())
            let processes = line.split(separator: " ").compactMap { pid_t($0) }
            #expect(processes.count == 2)
            let key = fixture.keys.lock(.init(stream: "products", name: "indexer")).key
            try await fixture.redis("SET", key, "f00@elsewhere:1", "PX", 60_000)
            try await tool.waitForErrors(containing: "lost its lock; standing by")
            for process in processes {
                try await eventually("process \(process) is gone") { kill(process, 0) != 0 }
            }
            tool.signal(SIGTERM)
            try await tool.result().expect(.done)
            #expect(access("\(directory.path)/survived", F_OK) != 0)
            #expect(try await fixture.offset() == "0-0")
        }
    }
}
