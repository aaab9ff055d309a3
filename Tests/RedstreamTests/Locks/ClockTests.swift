import Redstream
import RedstreamConnection
import TestSupport
import Testing

/// A server whose wall clock jumps: leases end by it, ids are made from it, and delays are counted by it.
@Suite(.timeLimit(.minutes(2))) struct ClockTests {
    /// Runs a test on a server whose clock it sets.
    private func withClock(_ body: (Fixture, ShiftedClock) async throws -> Void) async throws {
        let clock = try await ShiftedClock()
        try await RedisServer.with(.init(clock: clock)) { server in
            try await withNamespace(on: server) { fixture in
                let truth = try await fixture.serverTime()
                try clock.set(ahead: .seconds(1000))
                guard try await fixture.serverTime() > truth + 500_000 else {
                    try Test.cancel("this server takes no other clock")
                }
                try clock.set(ahead: .zero)
                // Valkey goes by a moment that it has looked at before.
                try await eventually("the clock is right") {
                    try await fixture.serverTime() < truth + 500_000
                }
                try await body(fixture, clock)
            }
        }
    }

    private func produce(_ payloads: Int..., to fixture: Fixture) async throws {
        for payload in payloads { try await fixture.add("\(payload)", to: fixture.keys.stream("products")) }
    }

    @Test func aJumpAheadHandsTheLockOverAndTheFormerHolderCommitsNothing() async throws {
        try await withClock { fixture, clock in
            let (begun, mayGoOn, handled) = (Recorder<String>(), Recorder<Bool>(), Recorder<String>())
            try await produce(1, 2, to: fixture)
            let first = Consumer(fixture.makeClient(), stream: "products", name: "indexer") { batch in
                begun.note(contentsOf: batch.messages.map(\.text))
                // It does not hear of its cancellation.
                try await Task.detached { try await eventually { mayGoOn.count > 0 } }.value
            }
            try await withRunning(first) { _ in
                try await eventually("the first handles a batch") { begun.values == ["1", "2"] }
                let holder = try await fixture.holder()
                try await withRunning(fixture.consumer(client: fixture.makeClient(), noting: handled)) { _ in
                    try clock.set(ahead: .seconds(60))
                    try await eventually("the other handles it too", within: .seconds(20)) {
                        handled.values == ["1", "2"]
                    }
                    try await produce(3, to: fixture)
                    let last = try #require(try await fixture.entries(fixture.keys.stream("products")).last?.id)
                    try await eventually("all is committed") { try await fixture.offset() == last }
                    mayGoOn.note(true)
                    try await eventually("the first stands by") {
                        try await fixture.redis("CLIENT", "LIST").string?.contains("cmd=brpop") == true
                    }
                    #expect(try await fixture.offset() == last)
                    #expect(try await ![nil, holder].contains(fixture.holder()))
                }
            }
            #expect(handled.values == ["1", "2", "3"])
            #expect(begun.values == ["1", "2"])
        }
    }

    @Test func aClockThatFallsBackTurnsNoOrderAndKeepsTheLease() async throws {
        try await withClock { fixture, clock in
            let handled = Recorder<String>()
            try await withRunning(fixture.consumer(noting: handled)) { _ in
                try await produce(1, 2, to: fixture)
                try await eventually { handled.count == 2 }
                let holder = try await fixture.holder()
                try clock.set(ahead: .seconds(-3600))
                try await produce(3, 4, to: fixture)
                try await eventually { handled.values == ["1", "2", "3", "4"] }
                // The next renewal counts by the clock as it is now.
                try await eventually("the lease is as long as ever") {
                    try await (1...5000).contains(fixture.redis("PTTL", fixture.lock().key).integer ?? 0)
                }
                #expect(try await fixture.holder() == holder)
            }
        }
    }

    @Test func aDelayIsOverWhenTheServersClockSaysSo() async throws {
        try await withClock { fixture, clock in
            try await fixture.add("1", to: fixture.keys.delayStream("products"))
            let delayer = Delayer(fixture.client, stream: "products", delay: .seconds(3600))
            try await withRunning(delayer) { _ in
                try await eventually("it holds the lock") {
                    try await fixture.holder(of: "delayer", on: "products.delay") != nil
                }
                #expect(try await fixture.length(fixture.keys.stream("products")) == 0)
                try clock.set(ahead: .seconds(3601))
                try await eventually("the message has arrived") {
                    try await fixture.length(fixture.keys.stream("products")) == 1
                }
                #expect(try await fixture.length(fixture.keys.delayStream("products")) == 0)
            }
        }
    }
}
