import RedstreamConnection
import TestSupport
import Testing

@testable import Redstream

/// Delayers and readers of all shards.
@Suite(.timeLimit(.minutes(2))) struct ShardedServicesTests {
    private static let sharding = Sharding(count: 3)

    @Test func movesTheDelayMessagesOfEveryShardToItsStream() async throws {
        try await withNamespace { fixture in
            let moves = Recorder<String>()
            let delayer = ShardedDelayer(
                fixture.makeClient(), stream: "products", sharding: Self.sharding, delay: .milliseconds(1)
            ) { stream, moved in moves.note("\(stream) \(moved.count)") }
            try await withRunning(delayer) { _ in
                for stream in Self.sharding.streams(of: "products") {
                    try await Producer(fixture.client).delay([OutgoingMessage(payload: "1".utf8)], on: stream)
                }
                try await eventually("all are moved") { moves.count == 3 }
            }
            #expect(moves.values.sorted() == ["products-0 1", "products-1 1", "products-2 1"])
            for stream in Self.sharding.streams(of: "products") {
                #expect(try await fixture.length(fixture.keys.stream(stream)) == 1)
                #expect(try await fixture.length(fixture.keys.delayStream(stream)) == 0)
            }
        }
    }

    @Test func aDelayerLeavesTheShardsBeyondItsBoundToAnother() async throws {
        try await withNamespace { fixture in
            func delayer() -> ShardedDelayer {
                ShardedDelayer(
                    fixture.makeClient(), stream: "products", sharding: Self.sharding, delay: .seconds(60),
                    maximumActive: 2)
            }
            func holders() async throws -> [String] {
                var holders: [String] = []
                for stream in Self.sharding.streams(of: "products") {
                    if let holder = try await fixture.holder(of: "delayer", on: stream + ".delay") {
                        // The client that holds it.
                        holders.append(String(holder.prefix(8)))
                    }
                }
                return holders
            }
            try await withRunning(delayer()) { _ in
                try await eventually("it holds two") { try await holders().count == 2 }
                try await withRunning(delayer()) { _ in
                    try await eventually("all are held") { try await holders().count == 3 }
                    #expect(Set(try await holders()).count == 2)
                }
            }
        }
    }

    @Test func readsEveryShardInItsOrderAndEndsWithTheCount() async throws {
        try await withNamespace { fixture in
            for stream in Self.sharding.streams(of: "products") {
                try await fixture.add(numbered: 1...20, to: fixture.keys.stream(stream))
            }
            let messages = Recorder<String>()
            let reader = ShardedReader(
                fixture.makeClient(), stream: "products", sharding: Self.sharding, limits: ReadLimits(count: 50),
                batchSize: 7
            ) { stream, batch in messages.note(contentsOf: batch.map { "\(stream) \($0.text)" }) }
            try await Running.start(reader).end()
            #expect(messages.count == 50)
            for stream in Self.sharding.streams(of: "products") {
                let mine = messages.values.filter { $0.hasPrefix(stream) }
                #expect(mine == (1...20).prefix(mine.count).map { "\(stream) \($0)" })
            }
        }
    }

    @Test func anErrorOfOneShardEndsTheReaderOfAll() async throws {
        try await withNamespace { fixture in
            try await fixture.redis("SET", fixture.keys.stream("products-1"), "no stream")
            let reader = ShardedReader(fixture.makeClient(), stream: "products", sharding: Self.sharding) { _, _ in }
            let running = await Running.start(reader)
            await #expect(throws: RedisError.self) { try await running.end() }
        }
    }
}
