import Redstream
import RedstreamConnection
import TestSupport
import Testing

/// The promises of consumers and producers while their server restarts, forgets scripts and drops connections.
@Suite(.timeLimit(.minutes(3))) struct ConsumerFaultTests {
    @Test func nothingAcknowledgedIsMissingAfterRestarts() async throws {
        try await RedisServer.with(.init(isDurable: true)) { server in
            try await withNamespace(on: server) { fixture in
                let payloads = Recorder<String>()
                let consumer = fixture.consumer(options: .init(batchSize: 10), noting: payloads)
                let acknowledged = Recorder<Int>()
                let producer = Task {
                    var number = 0
                    while !Task.isCancelled {
                        number += 1
                        let messages = OutgoingMessage.numbered([number])
                        // What was not acknowledged is not promised.
                        if (try? await Producer(fixture.client).queue(messages, on: "products")) != nil {
                            acknowledged.note(number)
                        }
                    }
                }
                try await withRunning(consumer) { _ in
                    for _ in 0..<3 {
                        let before = payloads.count
                        try await eventually("work goes on") { payloads.count > before + 20 }
                        await server.kill()
                        try await server.restart()
                    }
                    let before = acknowledged.count
                    try await eventually("messages are acknowledged again") { acknowledged.count > before }
                    producer.cancel()
                    await producer.value
                    try await eventually("everything acknowledged was handled") {
                        Set(payloads.values).isSuperset(of: acknowledged.values.map(String.init))
                    }
                    // An entry whose acknowledgement was lost may stand behind the last that was acknowledged.
                    try await eventually("everything written is committed") {
                        let last = try await fixture.entries(fixture.keys.stream("products")).last?.id
                        return try await fixture.offset() == last
                    }
                }
                expectOrderButForRedelivery(payloads.values.compactMap { Int($0) })
                let last = try await fixture.entries(fixture.keys.stream("products")).last?.id
                #expect(try await fixture.offset() == last)
            }
        }
    }

    @Test func forgottenScriptsAndDroppedConnectionsLoseNothing() async throws {
        try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                let payloads = Recorder<String>()
                let consumer = fixture.consumer(options: .init(batchSize: 5), noting: payloads)
                try await withRunning(consumer) { _ in
                    for round in 0..<20 {
                        try await Producer(fixture.makeClient()).queue(
                            OutgoingMessage.numbered(round * 20..<round * 20 + 20), on: "products")
                        try await fixture.redis("SCRIPT", "FLUSH")
                        if round % 4 == 3 { try await dropOthers(fixture) }
                    }
                    try await eventually { Set(payloads.values).count == 400 }
                    let last = try await fixture.entries(fixture.keys.stream("products")).last?.id
                    try await eventually { try await fixture.offset() == last }
                }
                expectOrderButForRedelivery(payloads.values.compactMap { Int($0) })
            }
        }
    }

    @Test func lostCommitReplyDoesNotHandleTheBatchAgain() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...4, to: fixture.keys.stream("products"))
            let cuts = Recorder<Bool>()
            let payloads = Recorder<String>()
            // The commit is carried out, its reply never comes.
            let armed = Recorder<Bool>()
            let proxy = try RedisProxy(fixture.server) { traffic in
                switch traffic {
                case .commands(let text):
                    if text.contains("2-0"), text.contains("EVALSHA"), cuts.count == 0 { armed.note(true) }
                    return .pass
                case .replies:
                    guard armed.count > 0, cuts.count == 0 else { return .pass }
                    cuts.note(true)
                    return .cut
                }
            }
            let client = StreamClient(proxy.configuration, namespace: fixture.namespace)
            let options = Consumer.Options(batchSize: 2, limits: .init(count: 4))
            try await fixture.consumer(options: options, client: client, noting: payloads).run()
            #expect(cuts.count == 1)
            #expect(payloads.values == ["1", "2", "3", "4"])
            #expect(try await fixture.offset() == "4-0")
            client.pool.close()
        }
    }

    @Test func aServiceSaysOnceThatItsServerIsAway() async throws {
        try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                let payloads = Recorder<String>()
                try await server.stop()
                try await withRunning(fixture.consumer(noting: payloads)) { running in
                    try await server.restart()
                    try await fixture.gem.queue("1", on: "products")
                    try await eventually { payloads.values == ["1"] }
                    #expect(!running.hasEnded)
                }
            }
        }
    }

    @Test func whatNoRetryCanMendEndsIt() async throws {
        try await withNamespace { fixture in
            try await fixture.redis("SET", fixture.keys.stream("products"), "text")
            let running = await Running.start(fixture.consumer(noting: Recorder()))
            let error = await #expect(throws: RedisError.self) { try await running.end() }
            #expect(error?.code == "WRONGTYPE")
            #expect(try await fixture.holder() == nil)
        }
    }

    /// Order holds but for redelivery: a number that comes again repeats a stretch that was seen already.
    private func expectOrderButForRedelivery(_ numbers: [Int]) {
        var highest = Int.min
        var seen: Set<Int> = []
        for number in numbers {
            #expect(number > highest || seen.contains(number), "\(number) came after \(highest)")
            highest = max(highest, number)
            seen.insert(number)
        }
    }

    private func dropOthers(_ fixture: Fixture) async throws {
        try await fixture.redis("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    }
}

@Suite(.timeLimit(.minutes(3))) struct ConsumerLatencyTests {
    @Test func wakesWithoutAStall() async throws {
        try await withNamespace { fixture in
            let arrivals = Recorder<ContinuousClock.Instant>()
            let consumer = Consumer(fixture.client, stream: "products", name: "indexer") { batch in
                for _ in batch.messages { arrivals.note(.now) }
            }
            let producer = Producer(fixture.makeClient())
            try await withRunning(consumer) { _ in
                try await eventually { try await fixture.offset() != nil }
                // The gem's slowest of a hundred takes 3 s.
                let slowest = try await fastestTry(under: .milliseconds(100)) { _ in
                    var slowest = Duration.zero
                    for _ in 0..<100 {
                        let before = arrivals.count
                        let start = ContinuousClock.now
                        try await producer.queue(OutgoingMessage.numbered([1]), on: "products")
                        try await eventually { arrivals.count > before }
                        slowest = max(slowest, start.duration(to: arrivals.values[before]))
                    }
                    return slowest
                }
                #expect(slowest < .milliseconds(100))
            }
        }
    }
}
