import Redstream
import RedstreamConnection
import Synchronization
import TestSupport
import Testing

/// Locks that the server gave, and whose answer was lost.
@Suite struct LostAnswerTests {
    /// A client that loses the answer to its first try for a lock.
    private func losingClient(_ fixture: Fixture) throws -> (StreamClient, RedisProxy) {
        let isLost = Mutex((asked: false, cut: false))
        let proxy = try RedisProxy(fixture.server) { traffic in
            isLost.withLock { state in
                switch traffic {
                case .commands(let text):
                    if text.contains("if holder and holder ~= ARGV[1] then return holder end") { state.asked = true }
                case .replies(let text):
                    guard state.asked, !state.cut, text.hasPrefix("$-1") else { return .pass }
                    state.cut = true
                    return .cut
                }
                return .pass
            }
        }
        return (StreamClient(proxy.configuration, namespace: fixture.namespace), proxy)
    }

    @Test func trimmerFindsItsLockItsOwn() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...2, to: fixture.keys.stream("products"))
            let (client, proxy) = try losingClient(fixture)
            let trimmer = Trimmer(client, streams: .named(["products"]), policy: .init(expiry: .zero))
            await #expect(throws: RedisError.self) { try await trimmer.runOnce() }
            #expect(try await fixture.string(fixture.keys.trimmerLock("products").key) != nil)
            let reports = try await trimmer.runOnce()
            #expect(reports.map(\.skipped) == [nil])
            #expect(reports.map(\.removed) == [2])
            withExtendedLifetime(proxy) {}
        }
    }

    @Test func delayerFindsItsLockItsOwn() async throws {
        try await withNamespace { fixture in
            try await fixture.add(to: fixture.keys.delayStream("products"))
            let (client, proxy) = try losingClient(fixture)
            let delayer = Delayer(client, stream: "products", delay: .zero, standsBy: false)
            await #expect(throws: RedisError.self) { try await delayer.runOnce() }
            #expect(try await delayer.runOnce().count == 1)
            withExtendedLifetime(proxy) {}
        }
    }
}
