import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// Processes of one consumer that take over from each other.
@Suite struct FailoverTests {
    private func start(_ fixture: Fixture) throws -> ToolProcess {
        try fixture.tool("consume", "--stream", "products", "--name", "indexer", "-o", "payload")
    }

    /// Starts a holder and one that stands by for it.
    private func startPair(_ fixture: Fixture) async throws -> (holder: ToolProcess, standby: ToolProcess) {
        let holder = try start(fixture)
        try await fixture.waitForHolder(holder.processID)
        let standby = try start(fixture)
        try await standby.waitForErrors(containing: "stands by: held by ")
        // It waits on the server by now, which is what a takeover is measured from.
        try await eventually("it waits for the release") {
            try await fixture.redis("CLIENT", "LIST").string?.split(separator: "\n").contains {
                $0.contains("name=redstream:standby:products:indexer") && $0.contains("cmd=brpop")
            } == true
        }
        return (holder, standby)
    }

    @Test func aStandbyTakesOverWithin100MillisecondsOfAGracefulStop() async throws {
        try await RedisServer.with { server in
            let best = try await fastestTry(under: .milliseconds(100)) { number in
                try await withNamespace(on: server) { fixture in
                    let (holder, standby) = try await startPair(fixture)
                    let start = ContinuousClock.now
                    holder.signal(SIGTERM)
                    try await fixture.waitForHolder(standby.processID)
                    let took = start.duration(to: .now)
                    try await holder.result().expect(.done)
                    try await fixture.add("\(number)", to: fixture.keys.stream("products"))
                    #expect(try await standby.nextLine() == "\(number)")
                    standby.signal(SIGTERM)
                    try await standby.result().expect(.done)
                    return took
                }
            }
            #expect(best < .milliseconds(100))
        }
    }

    @Test func takeoverNamesTheLastHolderAndTheOffset() async throws {
        try await withNamespace { fixture in
            let (holder, standby) = try await startPair(fixture)
            try await fixture.add("1", id: "1-0", to: fixture.keys.stream("products"))
            try await eventually("it is committed") { try await fixture.offset() == "1-0" }
            let value = try await fixture.holder() ?? ""
            holder.signal(SIGTERM)
            try await holder.result().expect(.done)
            let process = value.drop { $0 != "@" }.dropFirst()
            try await standby.waitForErrors(
                containing: "consumer indexer of products took over (from \(process)) at 1-0\n")
            standby.signal(SIGTERM)
            try await standby.result().expect(.done)
        }
    }

    @Test func aStandbyTakesOverWithinTheLeaseOfAKilledHolder() async throws {
        try await RedisServer.with { server in
            let best = try await fastestTry(under: .seconds(5.5), of: 3) { _ in
                try await withNamespace(on: server) { fixture in
                    let (holder, standby) = try await startPair(fixture)
                    let start = ContinuousClock.now
                    holder.signal(SIGKILL)
                    try await fixture.waitForHolder(standby.processID)
                    let took = start.duration(to: .now)
                    standby.signal(SIGTERM)
                    try await standby.result().expect(.done)
                    return took
                }
            }
            #expect(best < .seconds(5.5))
        }
    }

    @Test func aHolderThatSleptThroughItsLeaseCommitsNothingOverTheNewOne() async throws {
        try await withNamespace { fixture in
            let directory = try TemporaryDirectory()
            let key = fixture.keys.stream("products")
            try await fixture.add("1", id: "1-0", to: key)
            let sleeper = try fixture.tool(
                "consume", "--stream", "products", "--name", "indexer", "--exec",
                "cat >/dev/null; touch \(directory.path)/begun; while [ ! -e \(directory.path)/go ]; do sleep 0.01; done"
            )
            try await eventually("the batch is in hand") { access("\(directory.path)/begun", F_OK) == 0 }
            sleeper.signal(SIGSTOP)

            let other = try start(fixture)
            #expect(try await other.nextLine() == "1")
            try await fixture.add(numbered: 2...4, to: key)
            for number in 2...4 { #expect(try await other.nextLine() == "\(number)") }
            try await eventually("the new holder has committed") { try await fixture.offset() == "4-0" }

            // The handler of the old one succeeds now.
            #expect(creat("\(directory.path)/go", 0o600) >= 0)
            sleeper.signal(SIGCONT)
            try await sleeper.waitForErrors(containing: "lost its lock; standing by")
            #expect(try await fixture.offset() == "4-0")
            #expect(try await fixture.holder()?.hasSuffix(":\(other.processID)") == true)

            // It stands by again, and takes over.
            other.signal(SIGTERM)
            try await other.result().expect(.done)
            try await fixture.waitForHolder(sleeper.processID)
            try await sleeper.waitForErrors(containing: "consumer indexer of products holds its lock again at 4-0\n")
            try await fixture.add("5", id: "5-0", to: key)
            try await eventually("it commits again") { try await fixture.offset() == "5-0" }
            sleeper.signal(SIGTERM)
            try await sleeper.result().expect(.done)
        }
    }

    @Test func theGemsLockIsWaitedForAndItsReleaseIsHeard() async throws {
        try await withNamespace { fixture in
            let lock = fixture.gem.consumerLock("indexer", on: "products")
            #expect(try await lock.acquire())
            let tool = try start(fixture)
            try await tool.waitForErrors(containing: "held by \(lock.holder)")
            try await lock.release()
            try await fixture.waitForHolder(tool.processID)
            #expect(try await !lock.acquire())
            tool.signal(SIGTERM)
            try await tool.result().expect(.done)
            #expect(try await lock.acquire())
        }
    }
}
