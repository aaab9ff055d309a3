import Redstream
import RedstreamConnection
import RedstreamSystem
import Synchronization
import TestSupport
import Testing

@testable import RedstreamCLI

/// `dead-letters`: list, show, replay and purge.
@Suite(.timeLimit(.minutes(3))) struct DeadLettersTests {
    private let name = ConsumerName(stream: "products", name: "indexer")

    @Test func aListHasALineForEach() async throws {
        try await withNamespace { fixture in
            try await fixture.writeDeadLetters(1...3)
            let result = try await fixture.runDeadLetters("list", "--count", "2")
            result.expect(.done)
            #expect(result.lines.count == 3)
            #expect(
                result.lines.line(0).split(separator: " ").joined(separator: " ")
                    == "LETTER MESSAGE GIVEN UP ATTEMPTS REPLAYS REASON")
            #expect(result.lines.line(1).contains(" 1-0 "))
            #expect(result.lines.line(1).hasSuffix("  it is bad"))
            #expect(result.lines.line(2).contains(" 2-0 "))
        }
    }

    @Test func whoNeverGaveUpHasNone() async throws {
        try await withNamespace { fixture in
            try await fixture.setOffset("1-0")
            for command in ["list", "show"] { try await fixture.runDeadLetters(command).expect(.done) }
            let list = try await fixture.runDeadLetters("list")
            #expect(list.output.isEmpty)
            #expect(list.errors == "redstream: indexer of products has no dead letters\n")
            #expect(try await fixture.runDeadLetters("replay").output == "replayed 0 messages to products\n")
            #expect(try await fixture.runDeadLetters("purge").output == "products, indexer: purged 0 dead letters\n")
        }
    }

    @Test(arguments: ["list", "show", "replay", "purge"])
    func aNameThatIsAMistakeIsNoConsumerThatIsWell(command: String) async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...1, to: fixture.keys.stream("products"))
            try await fixture.setOffset("1-0")
            func told(_ stream: String, _ consumer: String) async throws -> ToolProcess.Result {
                try await fixture.run("dead-letters", command, "--stream", stream, "--consumer", consumer)
            }
            let consumer = try await told("products", "indexr")
            consumer.expect(.failed)
            #expect(consumer.output.isEmpty)
            #expect(
                consumer.errors.hasSuffix(
                    """
                    : stream products has no consumer indexr
                    hint: did you mean indexer? redstream inspect-offsets --stream products\n
                    """), "\(consumer.errors)")
            let stream = try await told("product", "indexer")
            stream.expect(.failed)
            #expect(
                stream.errors.hasSuffix(
                    """
                    : there is no stream product
                    hint: did you mean products? redstream inspect-offsets shows which there are\n
                    """), "\(stream.errors)")
            let far = try await told("products", "cacher")
            far.expect(.failed)
            #expect(!far.errors.contains("did you mean"), "\(far.errors)")
        }
    }

    @Test func whoHoldsALockOrHasLettersIsKnown() async throws {
        try await withNamespace { fixture in
            try await fixture.hold(fixture.keys.lock(name))
            try await fixture.runDeadLetters("list").expect(.done)
        }
        try await withNamespace { fixture in
            try await fixture.writeDeadLetters(1...1)
            try await fixture.run("forget", "--stream", "products", "--name", "indexer").expect(.done)
            try await fixture.runDeadLetters("list").expect(.done)
            // With its last letter goes what tells of it.
            try await fixture.runDeadLetters("purge", "--yes").expect(.done)
            try await fixture.runDeadLetters("list").expect(.failed)
        }
    }

    @Test func showingHasTheRecordThatProduceTakes() async throws {
        try await withNamespace { fixture in
            try await fixture.writeDeadLetters(7...7)
            let result = try await fixture.runDeadLetters("show")
            result.expect(.done)
            #expect(result.output.hasSuffix(#","record":{"id":"7-0","stream":"products","payload":7}}"# + "\n"))
            #expect(try result.json()["reason"] == "it is bad")
            let text = try await fixture.runDeadLetters("show", "-o", "text")
            #expect(text.lines.line(1).hasSuffix(" by indexer of products, 1 attempt"))
            #expect(text.lines.dropFirst(2).prefix(2) == ["reason    it is bad", "message   7-0  7"])
        }
    }

    @Test(arguments: [
        ("replay", "replayed 2 messages to products"), ("purge", "products, indexer: purged 2 dead letters"),
    ])
    func whatWasDoneCountsWhereItsAnswerWasLost(command: String, report: String) async throws {
        try await withNamespace { fixture in
            try await fixture.writeDeadLetters(1...2)
            // The answer to the first script of the command, once.
            let isDoomed = Mutex(false)
            let wasCut = Mutex(false)
            let proxy = try RedisProxy(fixture.server) { traffic in
                switch traffic {
                case .commands(let text):
                    isDoomed.withLock { $0 = text.contains("EVALSHA") }
                    return .pass
                case .replies:
                    guard isDoomed.withLock({ $0 }) else { return .pass }
                    return wasCut.withLock { was in
                        defer { was = true }
                        return was ? .pass : .cut
                    }
                }
            }
            guard case .unix(let path) = proxy.configuration.address else { return }
            let environment = fixture.toolEnvironment.merging(["REDSTREAM_URL": "unix://\(path)"]) { $1 }
            let result = try await ToolProcess.run(
                ["dead-letters", command, "--stream", "products", "--consumer", "indexer", "--yes"],
                environment: environment)
            result.expect(.done)
            #expect(wasCut.withLock { $0 })
            #expect(result.output.hasPrefix(report), "\(result.output)\(result.errors)")
            #expect(try await fixture.client.deadLetterCount(of: name) == 0)
            #expect(try await fixture.length(fixture.keys.stream("products")) == (command == "replay" ? 4 : 2))
        }
    }

    @Test func lettersAreChosenByIdOrByNumber() async throws {
        try await withNamespace { fixture in
            try await fixture.writeDeadLetters(1...4)
            let ids = try await fixture.client.deadLetters(of: name).map(\.id.description)
            try await fixture.runDeadLetters("purge", "--yes", "--id", ids[1], "--id", ids[3]).expect(.done)
            try await fixture.runDeadLetters("replay", "--yes", "--count", "1").expect(.done)
            #expect(try await fixture.client.deadLetters(of: name).map(\.id.description) == [ids[2]])
            let gone = try await fixture.runDeadLetters("replay", "--yes", "--id", ids[1])
            gone.expect(.failed)
            #expect(gone.errors.contains("there is no dead letter \(ids[1]) of indexer of products"))
            try await fixture.runDeadLetters("purge", "--id", "nonsense").expect(.usage)
        }
    }

    @Test func whatWasReplayedOftenIsLeft() async throws {
        try await withNamespace { fixture in
            try await fixture.writeDeadLetters(1...1)
            let policy = FailurePolicy(maxAttempts: 1, lastResort: .deadLetter)
            for _ in 1...2 {
                #expect(try await fixture.runDeadLetters("replay", "--yes", "-o", "json").json()["replayed"] == "1")
                try await Consumer(
                    fixture.client, stream: "products", name: "indexer",
                    options: .init(limits: .init(count: 1), failurePolicy: policy)
                ) { _ in throw CancelledByHand() }.run()
            }
            let result = try await fixture.runDeadLetters("replay", "--yes", "--max-replays", "2")
            result.expect(.done)
            #expect(result.output == "replayed 0 messages to products\n")
            #expect(
                result.errors
                    == "redstream: 1 letter skipped, already replayed 2 times: --max-replays 3 allows one more\n")
            #expect(try await fixture.runDeadLetters("list", "-o", "json").json()["replays"] == "2")
            #expect(
                try await fixture.runDeadLetters("replay", "--yes", "--max-replays", "3", "-o", "json").json()[
                    "replayed"] == "1")
        }
    }

    private struct CancelledByHand: Error {}

    @Test func inspectOffsetsCountsThem() async throws {
        try await withNamespace { fixture in
            try await fixture.writeDeadLetters(1...2)
            let table = try await fixture.run("inspect-offsets", "--stream", "products")
            #expect(table.lines.line(0).contains("DEAD  VERDICT"))
            let json = try await fixture.run("inspect-offsets", "-o", "json")
            #expect(try json.consumers().first { $0["consumer"] == "indexer" }?["dead_letters"] == "2")
            let metrics = try await fixture.run("inspect-offsets", "-o", "prometheus")
            #expect(
                metrics.output.contains(
                    #"redstream_consumer_dead_letters{stream="products",consumer="indexer",namespace="\#(fixture.namespace)"} 2"#
                ))
            let check = try await fixture.run("inspect-offsets", "--stream", "products", "--max-dead", "1")
            check.expect(.checkFailed)
            #expect(check.errors == "redstream: products, indexer: 2 dead letters are over 1\n")
            try await fixture.run(
                "dead-letters", "purge", "--stream", "products", "--consumer", "indexer", "--count", "1", "--yes"
            ).expect(.done)
            let one = try await fixture.run("inspect-offsets", "--stream", "products", "--max-dead", "0")
            #expect(one.errors == "redstream: products, indexer: 1 dead letter is over 0\n")
            try await fixture.run("inspect-offsets", "--stream", "products", "--max-dead", "2").expect(.done)
        }
    }

    @Test func theCommandAloneShowsItsHelp() async throws {
        let result = try await ToolProcess.runWithoutServer(["dead-letters"])
        result.expect(.done)
        for command in ["list", "show", "replay", "purge"] { #expect(result.output.contains("  \(command) ")) }
        let wrong = try await ToolProcess.runWithoutServer(["dead-letters", "lst"])
        wrong.expect(.usage)
        #expect(wrong.errors == "redstream: there is no command dead-letters lst\nhint: did you mean list?\n")
        let help = try await ToolProcess.runWithoutServer(["help", "dead-letters", "lst"])
        help.expect(.usage)
        #expect(help.errors.hasPrefix("redstream: there is no command dead-letters lst\n"))
        try await ToolProcess.runWithoutServer(["help", "dead-letters", "list"]).expect(.done)
        let option = try await ToolProcess.runWithoutServer(["dead-letters", "list", "--strem", "s"])
        #expect(
            option.errors == "redstream: dead-letters list has no option --strem\nhint: did you mean --stream?\n")
    }
}
