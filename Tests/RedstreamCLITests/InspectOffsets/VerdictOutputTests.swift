import Redstream
import RedstreamConnection
import TestSupport
import Testing

@testable import RedstreamCLI

/// Every verdict as `inspect-offsets` shows it, from keys as they come about.
@Suite struct VerdictOutputTests {
    private func verdict(_ arguments: String..., prepare: (Fixture, RedisKey) async throws -> Void)
        async throws -> String?
    {
        try await withNamespace { fixture in
            try await prepare(fixture, fixture.keys.stream("products"))
            let result = try await ToolProcess(
                ["inspect-offsets", "-o", "json"] + arguments, environment: fixture.toolEnvironment
            ).result()
            result.expect(.done)
            let consumers = try result.consumers()
            #expect(consumers.count == 1)
            return consumers.first?["verdict"]
        }
    }

    private var lock: (Fixture) -> LockName {
        { $0.keys.lock(ConsumerName(stream: "products", name: "indexer")) }
    }

    @Test func anOffsetWithoutAStreamIsAnOrphan() async throws {
        #expect(try await verdict { fixture, _ in try await fixture.setOffset("1-0") } == "orphan")
    }

    @Test func anOffsetBeyondTheLastIDIsAhead() async throws {
        let found = try await verdict { fixture, key in
            try await fixture.add(id: "1-0", to: key)
            try await fixture.setOffset("1-1")
        }
        #expect(found == "ahead")
    }

    @Test func anOffsetBeforeWhatWasTrimmedHasAGap() async throws {
        let found = try await verdict { fixture, key in
            try await fixture.add(numbered: 1...5, to: key)
            try await fixture.add(to: key)
            try await fixture.setOffset("2-0")
            try await fixture.run("trim", "--expiry", "1d", "--once").expect(.done)
        }
        #expect(found == "gap")
    }

    @Test func anOffsetAtTheTrimMarkHasNoGap() async throws {
        let found = try await verdict { fixture, key in
            try await fixture.add(numbered: 1...5, to: key)
            try await fixture.add(to: key)
            try await fixture.setOffset("5-0")
            try await fixture.run("trim", "--expiry", "1d", "--once").expect(.done)
        }
        #expect(found == "stopped")
    }

    @Test func aHeldLockWithOldEntriesAndAnOffsetThatStandsStillIsStalled() async throws {
        let found = try await verdict { fixture, key in
            try await fixture.add(numbered: 1...5, to: key)
            try await fixture.setOffset("2-0")
            try await fixture.hold(lock(fixture))
        }
        #expect(found == "stalled")
    }

    @Test func whatIsYoungerThanTheLimitIsNotStalled() async throws {
        let found = try await verdict("--stalled-after", "1h") { fixture, key in
            try await fixture.add(to: key)
            try await fixture.setOffset("0-0")
            try await fixture.hold(lock(fixture))
        }
        #expect(found == "active")
    }

    @Test func entriesThatWaitForNobodyAreStopped() async throws {
        let found = try await verdict { fixture, key in
            try await fixture.add(to: key)
            try await fixture.setOffset("0-0")
        }
        #expect(found == "stopped")
    }

    @Test func aHeldLockWithNothingToReadIsActive() async throws {
        let found = try await verdict { fixture, key in
            try await fixture.add(id: "1-0", to: key)
            try await fixture.setOffset("1-0")
            try await fixture.hold(lock(fixture))
        }
        #expect(found == "active")
    }

    @Test func nothingToReadAndNobodyThereIsIdle() async throws {
        let found = try await verdict { fixture, key in
            try await fixture.add(id: "1-0", to: key)
            try await fixture.setOffset("1-0")
        }
        #expect(found == "idle")
    }

    @Test func aRunningConsumerIsShownWithItsHolderAndLease() async throws {
        try await withNamespace { fixture in
            try await fixture.add(to: fixture.keys.stream("products"))
            let tool = try fixture.tool("consume", "--stream", "products", "--name", "indexer")
            try await fixture.waitForHolder(tool.processID)
            let result = try await fixture.run("inspect-offsets", "-o", "json")
            let row = try #require(try result.consumers().first)
            #expect(row["holder"]?.hasSuffix(":\(tool.processID)") == true)
            let lease = try #require(row["lease_ms"].flatMap { Int($0) })
            #expect((1...5000).contains(lease))
        }
    }

    @Test func aDelayersLagIsWhatIsOverdue() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.delayStream("products")
            try await fixture.add(numbered: 1...3, to: key)
            try await fixture.add(to: key)
            try await fixture.redis("SET", fixture.keys.delay("products"), "3600000")
            try await fixture.setOffset("0-0", of: "delayer", on: "products.delay")
            let result = try await fixture.run("inspect-offsets", "-o", "json")
            let row = try #require(try result.consumers().first)
            #expect(row["lag"] == "3")
            #expect(row["verdict"] == "stopped")
        }
    }
}
