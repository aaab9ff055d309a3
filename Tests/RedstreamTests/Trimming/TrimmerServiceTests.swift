import RedstreamConnection
import TestSupport
import Testing

@testable import Redstream

@Suite(.timeLimit(.minutes(3))) struct TrimmerServiceTests {
    private let policy = TrimPolicy(expiry: .seconds(60))

    @Test func aHeldLockIsSkippedAndReported() async throws {
        try await withNamespace { fixture in
            for stream in ["a", "b"] {
                try await fixture.add(numbered: 1...3, to: fixture.keys.stream(stream))
            }
            let lock = fixture.gem.trimmerLock(on: "a")
            try await lock.hold()
            let reports = try await Trimmer(fixture.client, streams: .named(["a", "b"]), policy: policy)
                .runOnce()
            #expect(reports.map(\.skipped) == [.lockHeld(by: lock.holder), nil])
            #expect(reports.map(\.removed) == [0, 3])
            #expect(try await fixture.length(fixture.keys.stream("a")) == 3)
            // Its own lock is given back after the pass.
            #expect(try await fixture.string(fixture.keys.trimmerLock("b").key) == nil)
            try await lock.release()
        }
    }

    @Test func aPassCanWaitForTheLock() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...3, to: fixture.keys.stream("a"))
            try await fixture.redis("SET", fixture.keys.trimmerLock("a").key, "other", "PX", 400)
            let reports = try await Trimmer(fixture.client, streams: .named(["a"]), policy: policy).runOnce(
                waits: true)
            #expect(reports.map(\.removed) == [3])
        }
    }

    @Test func runsPassAfterPassAndTakesUpNewStreams() async throws {
        try await withNamespace { fixture in
            let reports = Recorder<TrimReport>()
            let trimmer = Trimmer(fixture.client, streams: .all, policy: policy, interval: .milliseconds(20)) {
                reports.note($0)
            }
            try await withRunning(trimmer) { _ in
                for stream in ["a", "b"] {
                    try await fixture.add(numbered: 1...3, to: fixture.keys.stream(stream))
                    try await eventually {
                        reports.values.contains { $0.stream == stream && $0.removed == 3 }
                    }
                }
            }
        }
    }

    @Test func aGracefulStopDoesNotWaitForTheNextPass() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...3, to: fixture.keys.stream("a"))
            let reports = Recorder<TrimReport>()
            let running = await Running.start(
                Trimmer(fixture.client, streams: .all, policy: policy, interval: .seconds(3600)) {
                    reports.note($0)
                })
            try await eventually { reports.count == 1 }
            try await running.stop()
        }
    }

    @Test func aSeekBackwardsInMidPassKeepsWhatItWantsToReadAgain() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.stream("a")
            try await fixture.add(numbered: 1...10, to: key)
            try await fixture.gem.commit("10-0", of: "indexer", on: "a")
            // The pass has looked at the offset, and is about to remove: then the offset moves back.
            let proxy = try RedisProxy(fixture.server) { traffic in
                if case .commands(let text) = traffic, isStep(text, key) {
                    run(
                        fixture,
                        RedisPipeline("SET", fixture.keys.offset(.init(stream: "a", name: "indexer")), "2-0"))
                }
                return .pass
            }
            let client = StreamClient(proxy.configuration, namespace: fixture.namespace)
            let reports = try await Trimmer(client, streams: .named(["a"]), policy: .init(consumers: .found))
                .runOnce()
            #expect(reports.map(\.removed) == [0])
            #expect(try await fixture.length(key) == 10)
            client.pool.close()
        }
    }

    @Test func aLockLostInMidPassRemovesNothingMore() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.stream("a")
            try await fixture.add(numbered: 1...10, to: key)
            let client = stealing(fixture, lockOf: "a", key)
            await #expect(throws: RedstreamError.leaseLost) {
                try await Trimmer(client.client, streams: .named(["a"]), policy: policy).runOnce()
            }
            let length = try await fixture.length(key)
            #expect(length == 10)
            client.client.pool.close()
        }
    }

    @Test func aLostLockDoesNotEndARunningTrimmer() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.stream("a")
            try await fixture.add(numbered: 1...10, to: key)
            let client = stealing(fixture, lockOf: "a", key)
            let trimmer = Trimmer(
                client.client, streams: .named(["a"]), policy: policy, interval: .milliseconds(20))
            try await withRunning(trimmer) { _ in
                try await eventually("a later pass removes what the first could not") {
                    try await fixture.length(key) == 0
                }
            }
            client.client.pool.close()
        }
    }

    /// A client whose first trim of a stream finds its lock stolen, for a moment.
    private func stealing(
        _ fixture: Fixture, lockOf stream: String, _ key: RedisKey
    ) -> (client: StreamClient, proxy: RedisProxy?) {
        let lock = fixture.keys.trimmerLock(stream).key
        let thefts = Recorder<Bool>()
        let proxy = try? RedisProxy(fixture.server) { traffic in
            if case .commands(let text) = traffic, isStep(text, key), thefts.count == 0 {
                thefts.note(true)
                run(fixture, RedisPipeline("SET", lock, "thief", "PX", 300))
            }
            return .pass
        }
        let configuration = proxy?.configuration ?? fixture.server.configuration
        return (StreamClient(configuration, namespace: fixture.namespace), proxy)
    }
}

/// Returns true if a chunk calls the trim script: the only call that names both the stream and its mark.
private func isStep(_ text: String, _ key: RedisKey) -> Bool {
    text.contains("EVAL") && text.contains(key.description) && text.contains(":trimmed:")
}

/// Runs a command from a thread that may block.
private func run(_ fixture: Fixture, _ command: RedisPipeline) {
    let connection = BlockingRedisConnection(fixture.server.configuration, name: "tests:meanwhile")
    _ = try? connection.execute(command, for: nil, timeout: .seconds(10))
}
