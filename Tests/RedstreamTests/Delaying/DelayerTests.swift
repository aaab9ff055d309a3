import Redstream
import RedstreamConnection
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct DelayerTests {
    @Test func movesWhatIsDueAndLeavesTheRest() async throws {
        try await withNamespace { fixture in
            let keys = fixture.keys
            try await fixture.add(numbered: 1...3, to: keys.delayStream("products"))
            let young = try await fixture.gem.delay("young", on: "products")
            let moved = try await Delayer(fixture.client, stream: "products", delay: .seconds(60)).runOnce()
            #expect(moved.count == 3)
            #expect(moved.lastID == StreamID(milliseconds: 3))
            #expect(try await fixture.entries(keys.stream("products")).map(\.fields[1]) == ["1", "2", "3"])
            #expect(try await fixture.entries(keys.delayStream("products")).map(\.id) == [young])
        }
    }

    @Test func leavesTheDelayForOperatorsAndTheOffsetForTheGem() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...3, to: fixture.keys.delayStream("products"))
            _ = try await Delayer(fixture.client, stream: "products", delay: .milliseconds(1500)).runOnce()
            #expect(try await fixture.string(fixture.keys.delay("products")) == "1500")
            #expect(try await fixture.gem.offset(of: "delayer", on: "products.delay") == "3-0")
            #expect(try await fixture.holder(of: "delayer", on: "products.delay") == nil)
        }
    }

    @Test func startsAtTheFirstEntryWhateverTheOffsetSays() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...3, to: fixture.keys.delayStream("products"))
            // A gem's delayer that crashed between its commit and its XDEL leaves such an offset.
            try await fixture.gem.commit("2-0", of: "delayer", on: "products.delay")
            let moved = try await Delayer(fixture.client, stream: "products", delay: .seconds(1)).runOnce()
            #expect(moved.count == 3)
        }
    }

    @Test func aMoveCarriesEveryField() async throws {
        try await withNamespace { fixture in
            let binary: [UInt8] = [0, 255, 13, 10]
            let key = fixture.keys.delayStream("products")
            try await fixture.redis("XADD", key, "1-0", "payload", "{}", "source", "app", "source", binary)
            try await fixture.redis("XADD", key, "2-0", "other", "", binary, "x")
            _ = try await Delayer(fixture.client, stream: "products", delay: .seconds(1)).runOnce()
            let reply = try await fixture.redis("XRANGE", fixture.keys.stream("products"), "-", "+")
            let moved = StreamEntries(range: reply).map { entry in
                (0..<entry.fieldElementCount).map { Array(entry.fieldElement($0)) }
            }
            #expect(
                moved == [
                    [
                        Array("payload".utf8), Array("{}".utf8), Array("source".utf8), Array("app".utf8),
                        Array("source".utf8), binary,
                    ],
                    [Array("other".utf8), [], binary, Array("x".utf8)],
                ])
        }
    }

    @Test func deliversNotBeforeItsTimeAndWithin100MsAfter() async throws {
        try await withNamespace { fixture in
            let delay = 300
            let delayer = Delayer(fixture.client, stream: "products", delay: .milliseconds(delay))
            try await withRunning(delayer) { _ in
                let best = try await fastestTry(under: .milliseconds(101)) { _ in
                    var due: [Int] = []
                    for _ in 0..<5 {
                        let id = try await fixture.gem.delay("1", on: "products")
                        due.append(milliseconds(id) + delay)
                        let now = milliseconds(id)
                        try await eventually("each has a time of its own") {
                            try await fixture.serverTime() >= now + 40
                        }
                    }
                    let stream = fixture.keys.stream("products")
                    try await eventually { try await fixture.length(stream) == due.count }
                    let arrived = try await fixture.entries(stream).map { milliseconds($0.id) }
                    let late = zip(arrived, due).map { $0 - $1 }
                    #expect(late.allSatisfy { $0 >= 0 }, "by the server's own clock, never early: \(late)")
                    try await fixture.redis("DEL", stream)
                    return .milliseconds(late.max() ?? 0)
                }
                #expect(best <= .milliseconds(100))
            }
        }
    }

    @Test func anEmptyDelayStreamIsWaitedForWithoutPolling() async throws {
        try await withNamespace { fixture in
            let delayer = Delayer(fixture.client, stream: "products", delay: .zero)
            try await withRunning(delayer) { _ in
                try await eventually { try await fixture.string(fixture.keys.delay("products")) != nil }
                let best = try await fastestTry(under: .milliseconds(100)) { number in
                    let start = ContinuousClock.now
                    try await fixture.gem.delay("1", on: "products")
                    try await eventually {
                        try await fixture.length(fixture.keys.stream("products")) == number + 1
                    }
                    return start.duration(to: .now)
                }
                #expect(best < .milliseconds(100))
            }
        }
    }

    @Test func thousandsAreMovedInOrder() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...3500, to: fixture.keys.delayStream("products"))
            let counts = Recorder<Int>()
            let delayer = Delayer(fixture.client, stream: "products", delay: .seconds(1)) {
                counts.note($0.count)
            }
            #expect(try await delayer.runOnce().count == 3500)
            #expect(counts.values == [1000, 1000, 1000, 500])
            let moved = try await fixture.entries(fixture.keys.stream("products")).map(\.fields[1])
            #expect(moved == (1...3500).map(String.init))
            #expect(try await fixture.length(fixture.keys.delayStream("products")) == 0)
        }
    }

    @Test func aMoveIsBoundedByBytes() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.delayStream("products")
            for number in 1...9 {
                try await fixture.redis(
                    "XADD", key, "\(number)-0", "payload", [UInt8](repeating: 49, count: 1 << 20))
            }
            // One entry beyond the bound moves by itself.
            try await fixture.redis("XADD", key, "10-0", "payload", [UInt8](repeating: 49, count: 6 << 20))
            let counts = Recorder<Int>()
            _ = try await Delayer(fixture.client, stream: "products", delay: .seconds(1)) {
                counts.note($0.count)
            }
            .runOnce()
            #expect(counts.values == [3, 3, 3, 1])
            #expect(try await fixture.length(fixture.keys.stream("products")) == 10)
        }
    }

    /// It waits for an entry to become due, or for one at all.
    @Test(arguments: [true, false])
    func aGracefulStopEndsEveryWaitAtOnce(hasEntry: Bool) async throws {
        try await withNamespace { fixture in
            let fastest = try await fastestTry(under: .milliseconds(100)) { number in
                let stream = "waits-\(hasEntry)-\(number)"
                if hasEntry { try await fixture.gem.delay("1", on: stream) }
                let running = await Running.start(
                    Delayer(fixture.client, stream: stream, delay: .seconds(3600)))
                try await eventually("it has looked, and waits") {
                    try await fixture.redis("CLIENT", "LIST").string?.split(separator: "\n").contains {
                        $0.contains("name=redstream:delayer:\(stream) ")
                            && $0.contains(hasEntry ? "cmd=unwatch" : "cmd=xread")
                    } == true
                }
                let start = ContinuousClock.now
                try await running.stop()
                #expect(try await fixture.holder(of: "delayer", on: "\(stream).delay") == nil)
                return start.duration(to: .now)
            }
            #expect(fastest < .milliseconds(100))
        }
    }

    @Test func fleetServesWhatAppearsAndLeavesWhatIsGone() async throws {
        try await withNamespace { fixture in
            let fleet = DelayerFleet(fixture.client, discoveryInterval: .milliseconds(20)) {
                Delayer(fixture.client, stream: $0, delay: .seconds(3600))
            }
            func isServed(_ stream: String) async throws -> Bool {
                try await fixture.holder(of: "delayer", on: "\(stream).delay") != nil
            }
            try await fixture.gem.delay("1", on: "first")
            try await withRunning(fleet) { _ in
                try await eventually("the first is served") { try await isServed("first") }
                try await fixture.gem.delay("1", on: "second")
                try await eventually("the second is served") { try await isServed("second") }
                try await fixture.redis("DEL", fixture.keys.delayStream("first"))
                try await eventually("the first is left") { try await !isServed("first") }
                #expect(try await isServed("second"))
                try await fixture.gem.delay("1", on: "first")
                try await eventually("the first is served again") { try await isServed("first") }
            }
        }
    }

    private func milliseconds(_ id: String) -> Int {
        StreamID(id).map { Int($0.milliseconds) } ?? 0
    }
}
