import Redstream
import RedstreamConnection
import ServiceLifecycle
import TestSupport
import Testing

/// The takeover of a lock, among processes of ours and of the gem.
@Suite(.timeLimit(.minutes(3))) struct TakeoverTests {
    @Test func aStandbyTakesOverAtOnceAfterAStop() async throws {
        try await withNamespace { fixture in
            let fastest = try await fastestTry(under: .milliseconds(100)) { number in
                let name = "\(fixture.namespace)-\(number)"
                let first = await Running.start(fixture.consumer(name: name, noting: Recorder()))
                try await eventually { try await fixture.holder(of: name) != nil }
                let holder = try await fixture.holder(of: name)
                let standby = fixture.consumer(name: name, client: fixture.makeClient(), noting: Recorder())
                return try await withRunning(standby) { _ in
                    try await waitForStandby(fixture, name)
                    let start = ContinuousClock.now
                    first.requestStop()
                    try await eventually { try await ![nil, holder].contains(fixture.holder(of: name)) }
                    let duration = start.duration(to: .now)
                    try await first.end()
                    return duration
                }
            }
            #expect(fastest < .milliseconds(100))
        }
    }

    @Test func aStandbyTakesOverWithinTheLeaseOfAHolderThatVanished() async throws {
        try await withNamespace { fixture in
            // A holder that died: nobody renews its lock.
            try await fixture.redis("SET", fixture.lock().key, "dead@host:1", "PX", 1500)
            let start = ContinuousClock.now
            try await withRunning(fixture.consumer(noting: Recorder())) { _ in
                try await eventually { try await ![nil, "dead@host:1"].contains(fixture.holder()) }
                let duration = start.duration(to: .now)
                #expect(duration > .milliseconds(1300))
                #expect(duration < .seconds(5))
            }
        }
    }

    @Test func aStandbyWhoseWakeUpWentToADeadOneTakesOverWithinTheLease() async throws {
        try await withNamespace { fixture in
            let name = fixture.namespace
            let lock = fixture.lock(of: name)
            try await fixture.redis("SET", lock.key, "holder", "PX", 5000)
            try await withRunning(fixture.consumer(name: name, noting: Recorder())) { _ in
                try await waitForStandby(fixture, name)
                // The release's one note is taken by somebody who does nothing with it.
                try await fixture.redis("DEL", lock.key)
                try await eventually("the standby holds the lock", within: .seconds(12)) {
                    try await fixture.holder(of: name) != nil
                }
            }
        }
    }

    /// A service that holds a lock.
    enum LockedService: CaseIterable, Sendable {
        case consumer, delayer, shardedConsumer, shardedDelayer, delayerFleet

        func make(on fixture: Fixture) -> (any Service, LockName) {
            let (client, shards) = (fixture.client, Sharding(count: 2))
            let indexer = fixture.keys.lock(ConsumerName(stream: "products-1", name: "indexer"))
            return switch self {
            case .consumer: (fixture.consumer(noting: Recorder()), fixture.lock())
            case .delayer:
                (
                    Delayer(client, stream: "products", delay: .seconds(1)),
                    fixture.keys.lock(.delayer(of: "products"))
                )
            case .delayerFleet:
                (
                    DelayerFleet(client) { Delayer(client, stream: $0, delay: .seconds(1)) },
                    fixture.keys.lock(.delayer(of: "products"))
                )
            case .shardedConsumer:
                (ShardedConsumer(client, stream: "products", sharding: shards, name: "indexer") { _ in }, indexer)
            case .shardedDelayer:
                (
                    ShardedDelayer(client, stream: "products", sharding: shards, delay: .seconds(1)),
                    fixture.keys.lock(.delayer(of: "products-1"))
                )
            }
        }
    }

    @Test(arguments: LockedService.allCases)
    func eachSessionHasAHolderOfItsOwn(service: LockedService) async throws {
        try await withNamespace { fixture in
            try await fixture.add(to: fixture.keys.delayStream("products"))
            let (service, lock) = service.make(on: fixture)
            try await withRunning(service) { _ in
                let first = try await eventually { try await fixture.string(lock.key) }
                try await fixture.redis("DEL", lock.key)
                let second = try await eventually { try await fixture.string(lock.key) }
                // What was under way in the first must not pass the fence in the second.
                #expect(first != second)
            }
        }
    }

    @Test func whoDoesNotStandByIsToldTheHolder() async throws {
        try await withNamespace { fixture in
            try await fixture.redis("SET", fixture.lock().key, "1f@host:7", "PX", 600_000)
            let consumer = fixture.consumer(options: .init(standsBy: false), noting: Recorder())
            await #expect(throws: RedstreamError.lockHeld(by: "1f@host:7")) { try await consumer.run() }
            await #expect(throws: RedstreamError.lockHeld(by: "1f@host:7")) {
                _ = try await consumer.runOnce()
            }
            let delayer = Delayer(fixture.client, stream: "products", delay: .seconds(1), standsBy: false)
            try await fixture.redis(
                "SET", fixture.keys.lock(.delayer(of: "products")).key, "2f@host:8", "PX", 600_000)
            await #expect(throws: RedstreamError.lockHeld(by: "2f@host:8")) {
                _ = try await delayer.runOnce()
            }
        }
    }

    @Test func theGemStandsByForUsAndTakesOverAtOnce() async throws {
        try await withNamespace { fixture in
            let lock = fixture.gem.consumerLock("indexer", on: "products")
            let running = await Running.start(fixture.consumer(noting: Recorder()))
            try await eventually { try await fixture.holder() != nil }
            #expect(try await lock.acquire() == false)
            let wait = Task { try await lock.wait(seconds: 20) }
            try await eventually("the gem waits") { try await isWaiting(fixture, command: "brpop") }
            try await running.stop()
            #expect(try await wait.value)
            #expect(try await lock.acquire())
            try await lock.release()
        }
    }

    @Test func weStandByForTheGemAndTakeOverAtOnce() async throws {
        try await withNamespace { fixture in
            let fastest = try await fastestTry(under: .milliseconds(100)) { number in
                let name = "\(fixture.namespace)-\(number)"
                let lock = fixture.gem.consumerLock(name, on: "products")
                #expect(try await lock.acquire())
                return try await withRunning(fixture.consumer(name: name, noting: Recorder())) { _ in
                    try await waitForStandby(fixture, name)
                    // The gem keeps its lock by blind renewals.
                    try await lock.renewBlindly()
                    let start = ContinuousClock.now
                    try await lock.release()
                    try await eventually { try await fixture.holder(of: name) != nil }
                    return start.duration(to: .now)
                }
            }
            #expect(fastest < .milliseconds(100))
        }
    }

    @Test func aGemThatReleasesWhatItLostWakesUsWithoutHarm() async throws {
        try await withNamespace { fixture in
            let lost = fixture.gem.consumerLock("indexer", on: "products")
            let payloads = Recorder<String>()
            try await withRunning(fixture.consumer(noting: payloads)) { _ in
                try await eventually { try await fixture.holder() != nil }
                let holder = try await fixture.holder()
                try await lost.release()
                try await lost.renewBlindly()
                #expect(try await fixture.holder() == holder)
                try await fixture.gem.queue("1", on: "products")
                try await eventually { payloads.values == ["1"] }
            }
        }
    }

    private func waitForStandby(_ fixture: Fixture, _ name: String) async throws {
        try await eventually("a standby waits") {
            let list = try await fixture.redis("CLIENT", "LIST").string ?? ""
            return list.split(separator: "\n").contains {
                $0.contains("name=redstream:standby:products:\(name) ") && $0.contains("cmd=brpop")
            }
        }
    }

    private func isWaiting(_ fixture: Fixture, command: String) async throws -> Bool {
        let list = try await fixture.redis("CLIENT", "LIST").string ?? ""
        return list.split(separator: "\n").contains {
            $0.contains("name=tests:gem ") && $0.contains("cmd=\(command)")
        }
    }
}
