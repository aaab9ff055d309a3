import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// Processes that share the shards of a stream out, and take over from each other.
@Suite(.timeLimit(.minutes(3))) struct ShardFailoverTests {
    private static let sharding = Sharding(count: 6)

    private func start(_ fixture: Fixture, maxActive: Int?, exec: String? = nil) throws -> ToolProcess {
        var words = ["consume", "--stream", "products", "--shards", "6", "--name", "indexer"]
        if let maxActive { words += ["--max-active", "\(maxActive)"] }
        if let exec { words += ["--exec", exec] }
        return try ToolProcess(words, environment: fixture.toolEnvironment)
    }

    /// Returns the number of shards that each process holds.
    private func shares(_ fixture: Fixture) async throws -> [Int32: Int] {
        var shares: [Int32: Int] = [:]
        for stream in Self.sharding.streams(of: "products") {
            guard let holder = try await fixture.holder(on: stream), let colon = holder.lastIndex(of: ":"),
                let process = Int32(holder[holder.index(after: colon)...])
            else { continue }
            shares[process, default: 0] += 1
        }
        return shares
    }

    private func waitForShares(_ fixture: Fixture, _ expected: [Int32: Int]) async throws {
        try await eventually("the shards are shared out as \(expected)") { try await shares(fixture) == expected }
    }

    private func stop(_ tools: [ToolProcess]) async throws {
        for tool in tools { tool.signal(SIGTERM) }
        for tool in tools { try await tool.result().expect(.done) }
    }

    @Test func processDeathsLoseNothingAndKeepOneHolderPerShard() async throws {
        try await withNamespace { fixture in
            let directory = try TemporaryDirectory()
            let command = ShardHistory.command(in: directory.path)
            let producer = try fixture.tool(
                "produce", "--stream", "products", "--shards", "6", "--ids", input: .pipe)
            var produced = 0
            func produce(_ count: Int) {
                producer.write((produced + 1...produced + count).map { "\($0)\n" }.joined())
                produced += count
            }
            produce(300)
            let first = try start(fixture, maxActive: 3, exec: command)
            try await waitForShares(fixture, [first.processID: 3])
            let second = try start(fixture, maxActive: 3, exec: command)
            try await waitForShares(fixture, [first.processID: 3, second.processID: 3])
            let third = try start(fixture, maxActive: 3, exec: command)
            try await third.waitForErrors(containing: "holds 0 of 6 shards, and stands by for the others")

            produce(300)
            first.signal(SIGKILL)
            produce(300)
            try await waitForShares(fixture, [second.processID: 3, third.processID: 3])

            produce(300)
            let fourth = try start(fixture, maxActive: 4, exec: command)
            try await fourth.waitForErrors(containing: "holds 0 of 6 shards")
            second.signal(SIGTERM)
            produce(300)
            try await waitForShares(fixture, [third.processID: 3, fourth.processID: 3])
            try await second.result().expect(.done)

            produce(300)
            producer.closeInput()
            try await producer.result().expect(.done)
            try await eventually("all is committed") {
                for stream in Self.sharding.streams(of: "products") {
                    let last = try await fixture.ids(stream).last
                    guard try await fixture.offset(on: stream) == last else { return false }
                }
                return true
            }
            try await stop([third, fourth])
            for (shard, stream) in Self.sharding.streams(of: "products").enumerated() {
                let expected = (1...produced).filter { Self.sharding.shard(of: "\($0)") == shard }
                try ShardHistory(of: stream, in: directory.path).expect(expected, stream)
                #expect(try await fixture.holder(on: stream) == nil)
            }
        }
    }

    @Test func whatAGracefulStopGivesUpIsHeldAgainWithin100Milliseconds() async throws {
        try await RedisServer.with { server in
            let best = try await fastestTry(under: .milliseconds(100)) { _ in
                try await withNamespace(on: server) { fixture in
                    let holder = try start(fixture, maxActive: nil)
                    try await waitForShares(fixture, [holder.processID: 6])
                    let left = try start(fixture, maxActive: 4)
                    let right = try start(fixture, maxActive: 2)
                    try await eventually("both wait for the release") {
                        try await fixture.redis("CLIENT", "LIST").string?.split(separator: "\n").count {
                            $0.contains("name=redstream:standby:products:indexer") && $0.contains("cmd=brpop")
                        } == 2
                    }
                    let start = ContinuousClock.now
                    holder.signal(SIGTERM)
                    try await waitForShares(fixture, [left.processID: 4, right.processID: 2])
                    let took = start.duration(to: .now)
                    try await stop([left, right])
                    try await holder.result().expect(.done)
                    return took
                }
            }
            #expect(best < .milliseconds(100))
        }
    }

    @Test func aProcessWithoutRoomIsNotWokenAndDoesNotWait() async throws {
        // A server of its own, since its clients are looked at.
        try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                let holder = try start(fixture, maxActive: 3)
                try await holder.waitForErrors(containing: "holds 3 of 6 shards, as many as it may")
                let other = try start(fixture, maxActive: 3)
                try await waitForShares(fixture, [holder.processID: 3, other.processID: 3])
                try await eventually("nobody waits any more") {
                    try await fixture.redis("CLIENT", "LIST").string?.contains("redstream:standby:") == false
                }
                // One connection for each shard that is held.
                try await eventually("each has three readers") {
                    try await fixture.redis("CLIENT", "LIST").string?.count(of: "name=redstream:consumer:") == 6
                }
                try await stop([holder, other])
            }
        }
    }

    @Test func delayersShareTheShardsToo() async throws {
        try await withNamespace { fixture in
            let words = ["delay", "--stream", "products", "--shards", "6", "--max-active", "3", "--delay", "1ms"]
            let first = try ToolProcess(words, environment: fixture.toolEnvironment)
            let second = try ToolProcess(words, environment: fixture.toolEnvironment)
            try await eventually("all delayers run") {
                for stream in Self.sharding.streams(of: "products") {
                    guard try await fixture.holder(of: "delayer", on: stream + ".delay") != nil else { return false }
                }
                return true
            }
            try await fixture.run(
                "produce", "--stream", "products", "--shards", "6", "--delayed", "--ids",
                input: .text((1...60).map { "\($0)\n" }.joined())
            ).expect(.done)
            try await eventually("all is moved") {
                var count = 0
                for stream in Self.sharding.streams(of: "products") { count += try await fixture.ids(stream).count }
                return count == 60
            }
            try await stop([first, second])
            let lines = first.outputSoFar + second.outputSoFar
            #expect(lines.contains("moved") && lines.contains(" to products-"))
            #expect(!first.outputSoFar.isEmpty && !second.outputSoFar.isEmpty)
        }
    }
}
