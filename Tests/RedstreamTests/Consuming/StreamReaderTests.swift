import Redstream
import RedstreamConnection
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct StreamReaderTests {
    @Test func looksWithoutLeavingATrace() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...5, to: fixture.keys.stream("products"))
            let payloads = Recorder<String>()
            try await reader(fixture, limits: .init(count: 5), noting: payloads).run()
            #expect(payloads.values == ["1", "2", "3", "4", "5"])
            let keys = try await fixture.redis("KEYS", "\(fixture.namespace):*").elements
            #expect(keys.map(\.key) == [fixture.keys.stream("products")])
        }
    }

    @Test func startsWhereItIsToldTo() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...5, to: fixture.keys.stream("products"))
            try await fixture.gem.commit("4-0", of: "indexer", on: "products")
            let payloads = Recorder<String>()
            try await reader(
                fixture, from: .after(StreamID(milliseconds: 2)), limits: .init(count: 1), noting: payloads
            ).run()
            try await reader(fixture, from: .committed("indexer"), limits: .init(count: 1), noting: payloads)
                .run()
            #expect(payloads.values == ["3", "5"])
            let unknown = reader(fixture, from: .committed("nobody"), noting: payloads)
            await #expect(
                throws: RedstreamError.unknownConsumer(ConsumerName(stream: "products", name: "nobody"))
            ) { try await unknown.run() }
        }
    }

    @Test func followsFromTheLatestOn() async throws {
        try await withNamespace { fixture in
            try await fixture.gem.queue("old", on: "products")
            let payloads = Recorder<String>()
            try await withRunning(reader(fixture, from: .latest, noting: payloads)) { _ in
                try await eventually("it waits") {
                    try await fixture.gem.queue("new", on: "products")
                    return payloads.count > 0
                }
            }
            #expect(Set(payloads.values) == ["new"])
        }
    }

    @Test func handsNothingOverTwiceThroughLostConnections() async throws {
        try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                let payloads = Recorder<String>()
                try await withRunning(reader(fixture, noting: payloads)) { _ in
                    for number in 1...10 {
                        try await fixture.gem.queue("\(number)", on: "products")
                        try await eventually { payloads.count == number }
                        try await fixture.redis("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                    }
                }
                #expect(payloads.values == (1...10).map(String.init))
            }
        }
    }

    private func reader(
        _ fixture: Fixture, from start: StartPosition = .earliest, limits: ReadLimits = .none,
        noting payloads: Recorder<String>
    ) -> StreamReader {
        StreamReader(fixture.client, stream: "products", from: start, limits: limits, batchSize: 2) {
            payloads.note(contentsOf: $0.map(\.text))
        }
    }
}
