import Redstream
import RedstreamConnection
import TestSupport
import Testing

/// Moves that are disturbed at the worst moment: nothing is lost, nothing doubled.
@Suite(.timeLimit(.minutes(3))) struct DelayMoveTests {
    @Test func aLockStolenBetweenTheLookAndTheMoveMovesNothing() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...3, to: fixture.keys.delayStream("products"))
            let lock = fixture.keys.lock(.delayer(of: "products")).key
            let thefts = Recorder<Bool>()
            let proxy = try RedisProxy(fixture.server) { traffic in
                if case .commands(let text) = traffic, text.contains("MULTI"), thefts.count == 0 {
                    thefts.note(run(fixture, RedisPipeline("SET", lock, "thief", "PX", 60_000)))
                }
                return .pass
            }
            let client = StreamClient(proxy.configuration, namespace: fixture.namespace)
            await #expect(throws: RedstreamError.leaseLost) {
                _ = try await Delayer(client, stream: "products", delay: .seconds(1)).runOnce()
            }
            #expect(thefts.values == [true])
            let left = try await fixture.length(fixture.keys.delayStream("products"))
            #expect(left == 3)
            #expect(try await fixture.length(fixture.keys.stream("products")) == 0)
            #expect(try await fixture.string(lock) == "thief")
            client.pool.close()
        }
    }

    @Test func aForeignRenewalInMidMoveCostsAnotherLookAndNoEntry() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...3, to: fixture.keys.delayStream("products"))
            let lock = fixture.keys.lock(.delayer(of: "products")).key
            let renewals = Recorder<Bool>()
            let proxy = try RedisProxy(fixture.server) { traffic in
                if case .commands(let text) = traffic, text.contains("MULTI"), renewals.count < 2 {
                    renewals.note(run(fixture, RedisPipeline("EXPIRE", lock, 5)))
                }
                return .pass
            }
            let client = StreamClient(proxy.configuration, namespace: fixture.namespace)
            let moved = try await Delayer(client, stream: "products", delay: .seconds(1)).runOnce()
            #expect(moved.count == 3)
            #expect(renewals.values == [true, true])
            #expect(
                try await fixture.entries(fixture.keys.stream("products")).map(\.fields[1]) == [
                    "1", "2", "3",
                ])
            client.pool.close()
        }
    }

    /// A delayer may die before its move, in it, or before it hears of it: the connection is cut at each point.
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8])
    func noDelayEntryIsDoubledByACrashBetweenItsSteps(point: Int) async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...2500, to: fixture.keys.delayStream("products"))
            let passed = Recorder<Bool>()
            let proxy = try RedisProxy(fixture.server) { traffic in
                // Every chunk either way is a point to die at: the first ones are the hello, the last a whole move.
                if case .replies(let text) = traffic, text.contains("redis_version") { return .pass }
                return passed.note(true) == point * 3 ? .cut : .pass
            }
            let client = StreamClient(proxy.configuration, namespace: fixture.namespace)
            _ = try? await Delayer(client, stream: "products", delay: .seconds(1)).runOnce()
            client.pool.close()
            // Whoever takes over moves what is left.
            try await fixture.redis("DEL", fixture.keys.lock(.delayer(of: "products")).key)
            _ = try await Delayer(fixture.client, stream: "products", delay: .seconds(1)).runOnce()
            let moved = try await fixture.entries(fixture.keys.stream("products")).map(\.fields[1])
            #expect(moved == (1...2500).map(String.init))
            #expect(try await fixture.length(fixture.keys.delayStream("products")) == 0)
        }
    }

    @Test func nothingIsLostOrDoubledByCrashesOfTheServer() async throws {
        try await RedisServer.with(.init(isDurable: true)) { server in
            try await withNamespace(on: server) { fixture in
                try await fixture.add(numbered: 1...20_000, to: fixture.keys.delayStream("products"))
                let moves = Recorder<Int>()
                let delayer = Delayer(fixture.client, stream: "products", delay: .seconds(1)) {
                    moves.note($0.count)
                }
                try await withRunning(delayer) { _ in
                    for _ in 0..<4 {
                        let before = moves.count
                        try await eventually { moves.count > before || moves.count >= 20 }
                        await server.kill()
                        try await server.restart()
                    }
                    try await eventually {
                        try await fixture.length(fixture.keys.delayStream("products")) == 0
                    }
                }
                let moved = try await fixture.entries(fixture.keys.stream("products")).map(\.fields[1])
                #expect(moved == (1...20_000).map(String.init))
            }
        }
    }

    @Test func aTargetOfAnotherTypeKeepsEveryEntryInTheDelayStream() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...3, to: fixture.keys.delayStream("products"))
            try await fixture.redis("SET", fixture.keys.stream("products"), "text")
            let error = await #expect(throws: RedstreamError.self) {
                _ = try await Delayer(fixture.client, stream: "products", delay: .seconds(1)).runOnce()
            }
            #expect(error?.description.contains("stream products takes no entries: WRONGTYPE") == true)
            let left = try await fixture.length(fixture.keys.delayStream("products"))
            #expect(left == 3)
            #expect(try await fixture.string(fixture.keys.stream("products")) == "text")
            #expect(try await fixture.gem.offset(of: "delayer", on: "products.delay") == nil)
        }
    }

    @Test func aTargetThatHasUsedUpItsIdsKeepsEveryEntryInTheDelayStream() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...3, to: fixture.keys.delayStream("products"))
            let highest = "18446744073709551615-18446744073709551615"
            try await fixture.add("last", id: highest, to: fixture.keys.stream("products"))
            let error = await #expect(throws: RedstreamError.self) {
                _ = try await Delayer(fixture.client, stream: "products", delay: .seconds(1)).runOnce()
            }
            #expect(error?.description.contains("stream products takes no entries") == true)
            let left = try await fixture.length(fixture.keys.delayStream("products"))
            #expect(left == 3)
            #expect(try await fixture.length(fixture.keys.stream("products")) == 1)
        }
    }

    @Test func anUnsoundTargetEndsARunningDelayer() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...3, to: fixture.keys.delayStream("products"))
            try await fixture.redis("SET", fixture.keys.stream("products"), "text")
            let running = await Running.start(Delayer(fixture.client, stream: "products", delay: .seconds(1)))
            await #expect(throws: RedstreamError.self) { try await running.end() }
            let left = try await fixture.length(fixture.keys.delayStream("products"))
            #expect(left == 3)
        }
    }

    @Test func aFullServerKeepsEveryEntryAndIsWaitedFor() async throws {
        try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                try await fixture.add(numbered: 1...3, to: fixture.keys.delayStream("products"))
                let delayer = Delayer(fixture.client, stream: "products", delay: .seconds(1))
                try await fixture.redis("CONFIG", "SET", "maxmemory", 1)
                try await withRunning(delayer) { _ in
                    try await eventually("it was refused") {
                        try await fixture.redis("INFO", "errorstats").string?.contains("errorstat_OOM")
                            == true
                    }
                    #expect(try await fixture.length(fixture.keys.delayStream("products")) == 3)
                    try await fixture.redis("CONFIG", "SET", "maxmemory", 0)
                    try await eventually { try await fixture.length(fixture.keys.stream("products")) == 3 }
                }
                #expect(try await fixture.length(fixture.keys.delayStream("products")) == 0)
            }
        }
    }
}

/// Runs a command from a thread that may block.
private func run(_ fixture: Fixture, _ command: RedisPipeline) -> Bool {
    let connection = BlockingRedisConnection(fixture.server.configuration, name: "tests:meanwhile")
    return (try? connection.execute(command, for: nil, timeout: .seconds(10)))?[0].kind != .error
}
