import RedstreamConnection
import TestSupport
import Testing

@testable import Redstream

@Suite(.timeLimit(.minutes(2))) struct ShardedConsumerTests {
    private static let sharding = Sharding(count: 4)

    private func fleet(
        _ fixture: Fixture, maximumActive: Int? = nil, options: Consumer.Options = .init(),
        noting messages: Recorder<String>
    ) -> ShardedConsumer {
        ShardedConsumer(
            fixture.makeClient(), stream: "products", sharding: Self.sharding, name: "indexer", options: options,
            maximumActive: maximumActive
        ) { batch in
            messages.note(contentsOf: batch.messages.map { "\(batch.consumer.stream) \($0.text)" })
        }
    }

    private func produce(_ ids: some Sequence<Int>, _ fixture: Fixture) async throws -> [String] {
        var expected: [String] = []
        for id in ids {
            let stream = Self.sharding.stream("products", id: "\(id)")
            try await Producer(fixture.client).queue([OutgoingMessage(payload: "\(id)".utf8)], on: stream)
            expected.append("\(stream) \(id)")
        }
        return expected
    }

    private func holders(_ fixture: Fixture) async throws -> [String?] {
        var holders: [String?] = []
        for stream in Self.sharding.streams(of: "products") { holders.append(try await fixture.holder(on: stream)) }
        return holders
    }

    /// Returns the client that a holder's value names.
    private func client(_ holder: String) -> String { String(holder.prefix(8)) }

    /// Returns the number of connections that wait for shards to become free.
    private func waitingCount(_ fixture: Fixture) async throws -> Int {
        try await fixture.redis("CLIENT", "LIST").string?.split(separator: "\n").count {
            $0.contains("name=redstream:standby:products:indexer") && $0.contains("cmd=brpop")
        } ?? 0
    }

    @Test func consumesEveryShardInItsOrder() async throws {
        try await withNamespace { fixture in
            let messages = Recorder<String>()
            let expected = try await produce(0..<60, fixture)
            try await withRunning(fleet(fixture, noting: messages)) { _ in
                try await eventually("all are handled") { messages.count >= 60 }
            }
            for stream in Self.sharding.streams(of: "products") {
                #expect(messages.values.filter { $0.hasPrefix(stream) } == expected.filter { $0.hasPrefix(stream) })
                let last = try await fixture.client.lastID(of: stream)?.description
                #expect(try await fixture.offset(on: stream) == last)
            }
            #expect(try await holders(fixture) == [nil, nil, nil, nil])
        }
    }

    @Test func twoThatMayHoldHalfEachHoldHalfEach() async throws {
        try await withNamespace { fixture in
            let messages = Recorder<String>()
            try await withRunning(fleet(fixture, maximumActive: 2, noting: messages)) { _ in
                try await withRunning(fleet(fixture, maximumActive: 2, noting: messages)) { _ in
                    try await eventually("all are held") { try await holders(fixture).allSatisfy { $0 != nil } }
                    let held = try await holders(fixture).compactMap { $0 }
                    #expect(Dictionary(grouping: held, by: client).values.map(\.count) == [2, 2])
                }
            }
        }
    }

    @Test func whatOneGivesUpGoesToThoseThatHaveRoom() async throws {
        // A server of its own, since its clients are looked at.
        try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                let messages = Recorder<String>()
                let first = await Running.start(fleet(fixture, noting: messages))
                try await eventually("all are held") { try await holders(fixture).allSatisfy { $0 != nil } }
                let before = Set(try await holders(fixture))
                try await withRunning(fleet(fixture, maximumActive: 3, noting: messages)) { _ in
                    try await withRunning(fleet(fixture, maximumActive: 1, noting: messages)) { _ in
                        try await eventually("both wait on one connection each") {
                            try await waitingCount(fixture) == 2
                        }
                        try await first.stop()
                        try await eventually("others hold all") {
                            let now = try await holders(fixture)
                            return now.allSatisfy { $0 != nil } && before.isDisjoint(with: now)
                        }
                        let held = try await holders(fixture).compactMap { $0 }
                        #expect(Dictionary(grouping: held, by: client).values.map(\.count).sorted() == [1, 3])
                        // Nobody waits who has no room.
                        #expect(try await waitingCount(fixture) == 0)
                    }
                }
            }
        }
    }

    @Test func countsEntriesOverAllShards() async throws {
        try await withNamespace { fixture in
            let messages = Recorder<String>()
            _ = try await produce(0..<40, fixture)
            let options = Consumer.Options(batchSize: 4, limits: ReadLimits(count: 25))
            try await Running.start(fleet(fixture, options: options, noting: messages)).end()
            #expect(messages.count == 25)
            // What was cut off is not committed: another run has the rest.
            try await Running.start(
                fleet(fixture, options: .init(limits: ReadLimits(count: 15)), noting: messages)
            ).end()
            #expect(Set(messages.values).count == 40)
            #expect(messages.count == 40)
        }
    }

    @Test func goesThroughAllShardsOneByOneWhereItMayHoldOne() async throws {
        try await withNamespace { fixture in
            let messages = Recorder<String>()
            let expected = try await produce(0..<40, fixture)
            let end = StreamID(milliseconds: try await fixture.client.serverTime(), sequence: .max)
            try await Running.start(
                fleet(fixture, maximumActive: 1, options: .init(limits: ReadLimits(end: end)), noting: messages)
            ).end()
            #expect(messages.values.sorted() == expected.sorted())
        }
    }

    @Test func withoutStandingByItTakesWhatIsFreeAndThenSaysWhoHoldsTheRest() async throws {
        try await withNamespace { fixture in
            let messages = Recorder<String>()
            let expected = try await produce(0..<20, fixture)
            try await fixture.redis("SET", fixture.lock(on: "products-1").key, "somebody")
            let end = StreamID(milliseconds: try await fixture.client.serverTime(), sequence: .max)
            let running = await Running.start(
                fleet(fixture, options: .init(limits: ReadLimits(end: end), standsBy: false), noting: messages))
            await #expect(throws: RedstreamError.memberHeld("consumer indexer of products-1", by: "somebody")) {
                try await running.end()
            }
            #expect(messages.values.sorted() == expected.filter { !$0.hasPrefix("products-1 ") }.sorted())
        }
    }

    @Test func aLostLockIsTakenAgainWithoutDisturbingTheOthers() async throws {
        try await withNamespace { fixture in
            let messages = Recorder<String>()
            try await withRunning(fleet(fixture, noting: messages)) { _ in
                try await eventually("all are held") { try await holders(fixture).allSatisfy { $0 != nil } }
                let before = try await holders(fixture)
                _ = try await fixture.redis("DEL", fixture.lock(on: "products-2").key)
                try await eventually("it is held again, under another value") {
                    let now = try await holders(fixture)
                    return now[2] != nil && now[2] != before[2] && now[0] == before[0]
                }
                let expected = try await produce(0..<20, fixture)
                try await eventually("all are handled") { messages.count >= 20 }
                #expect(messages.values.sorted() == expected.sorted())
            }
        }
    }

    @Test func anErrorThatEndsOneShardEndsAllAndGivesTheLocksBack() async throws {
        try await withNamespace { fixture in
            let messages = Recorder<String>()
            try await fixture.redis("SET", fixture.keys.stream("products-3"), "no stream")
            let running = await Running.start(fleet(fixture, noting: messages))
            await #expect(throws: (any Error).self) { try await running.end() }
            #expect(try await holders(fixture) == [nil, nil, nil, nil])
        }
    }
}
