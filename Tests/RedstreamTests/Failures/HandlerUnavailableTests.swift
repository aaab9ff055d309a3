import Redstream
import RedstreamConnection
import TestSupport
import Testing

/// Handlers that say that they could not do anything.
@Suite(.timeLimit(.minutes(3))) struct HandlerUnavailableTests {
    private let name = ConsumerName(stream: "products", name: "indexer")

    /// Throws so often, then handles.
    private func handler(
        _ failures: Int, calls: Recorder<Int>, handled: Recorder<String> = Recorder()
    ) -> Consumer.Handler {
        { batch in
            if calls.note(batch.attempt) <= failures { throw HandlerUnavailableError(Bad()) }
            handled.note(contentsOf: batch.messages.map { $0.id.description })
        }
    }

    @Test func noAttemptCountsAndNothingIsGivenUp() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...3, to: fixture.keys.stream("products"))
            let (calls, handled) = (Recorder<Int>(), Recorder<String>())
            let options = Consumer.Options(
                limits: .init(count: 3), failurePolicy: .init(maxAttempts: 1, lastResort: .deadLetter))
            try await Consumer(
                fixture.client, stream: "products", name: "indexer", options: options,
                handler: handler(4, calls: calls, handled: handled)
            ).run()
            #expect(calls.values == [1, 1, 1, 1, 1])
            #expect(handled.values == ["1-0", "2-0", "3-0"])
            #expect(try await fixture.client.deadLetterCount(of: name) == 0)
            #expect(try await fixture.redis("EXISTS", fixture.keys.attempts(name)).integer == 0)
        }
    }

    @Test func nextSessionHasAnotherHolder() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...1, to: fixture.keys.stream("products"))
            let holders = Recorder<String>()
            let consumer = Consumer(
                fixture.client, stream: "products", name: "indexer", options: .init(limits: .init(count: 1))
            ) { _ in
                let holder = try await fixture.holder() ?? "none"
                if holders.note(holder) == 1 { throw HandlerUnavailableError(Bad()) }
            }
            try await consumer.run()
            // What was under way in the first must not pass the fence in the second.
            #expect(Set(holders.values).count == 2)
        }
    }

    @Test func lockIsGivenBackMeanwhile() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...1, to: fixture.keys.stream("products"))
            let options = Consumer.Options(limits: .init(count: 1))
            let unlucky = Consumer(
                fixture.client, stream: "products", name: "indexer", options: options,
                handler: { _ in throw HandlerUnavailableError(Bad()) })
            let handled = Recorder<String>()
            let lucky = Consumer(
                fixture.makeClient(), stream: "products", name: "indexer", options: options,
                handler: handler(0, calls: Recorder(), handled: handled))
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await unlucky.run() }
                tasks.addTask { try await lucky.run() }
                try await eventually("the other one handles it") { handled.values == ["1-0"] }
                tasks.cancelAll()
                while let result = await tasks.nextResult() { _ = result }
            }
        }
    }

    @Test func timeIsUpForFiniteWork() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...1, to: fixture.keys.stream("products"))
            let consumer = Consumer(
                fixture.client, stream: "products", name: "indexer", options: .init(retryLimit: .milliseconds(200)),
                handler: { _ in throw HandlerUnavailableError(Bad()) })
            await #expect(throws: HandlerUnavailableError.self) { try await consumer.run() }
            #expect(try await fixture.offset() == "0-0")
        }
    }

    @Test func shardsTryAgainToo() async throws {
        try await withNamespace { fixture in
            for shard in 0...1 { try await fixture.add(numbered: 1...1, to: fixture.keys.stream("products-\(shard)")) }
            let calls = Recorder<Int>()
            try await ShardedConsumer(
                fixture.client, stream: "products", sharding: Sharding(count: 2), name: "indexer",
                options: .init(limits: .init(count: 2), failurePolicy: .init(maxAttempts: 1, lastResort: .skip)),
                handler: handler(3, calls: calls)
            ).run()
            #expect(calls.values.allSatisfy { $0 == 1 })
            #expect(calls.count == 5)
        }
    }
}
