import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamConnection

private let key = "key"
private let slot = ClusterSlot(of: key).number
private let last = ClusterSlot.count - 1
/// The time of a connection and of a command that something ends at once.
private let ample = Duration.seconds(20)
/// The same where nothing else ends it; a busy machine may need most of it for what comes before.
private let short = Duration.seconds(3)

/// Nodes of a cluster that tell nonsense: each command ends in an error or in the right answer, and in time.
@Suite(.timeLimit(.minutes(3))) struct HostileClusterTests {
    /// The outcome of a command: its answer, or an error.
    private typealias Outcome = Result<String?, RedisError>

    /// Runs GET on a pool's connection and on one that blocks, and checks that each ends in time.
    private func outcomes(of node: FakeNode, within patience: Duration = ample) async throws -> [Outcome] {
        var configuration = RedisConfiguration(address: .cluster(nodes: [node.host]))
        configuration.connectTimeout = patience
        configuration.commandTimeout = patience
        let settings = configuration
        let pooled = try await inTime(patience) {
            let pool = RedisPool(settings)
            defer { pool.close() }
            do {
                return .success(
                    try await pool.withConnection(for: key) { try await $0.call("GET", key).string })
            } catch let error as RedisError {
                return .failure(error)
            }
        }
        let blocking = try await inTime(patience) { try await Self.blockingOutcome(settings) }
        return [pooled, blocking]
    }

    /// A command has its own time, after that of its connection, and a busy machine takes some.
    private func inTime(_ patience: Duration, _ body: () async throws -> Outcome) async throws -> Outcome {
        let start = ContinuousClock.now
        let outcome = try await body()
        #expect(start.duration(to: .now) < patience * 4)
        return outcome
    }

    private static func blockingOutcome(_ configuration: RedisConfiguration) async throws -> Outcome {
        try await onThread {
            let connection = BlockingRedisConnection(configuration, name: "tests:hostile")
            return Result { () throws(RedisError) in
                let reply = try connection.execute(
                    RedisPipeline("GET", key), for: key, timeout: configuration.commandTimeout)[0].get()
                return reply.string
            }
        }
    }

    private func errors(of node: FakeNode, within patience: Duration = ample) async throws -> [RedisError] {
        try await outcomes(of: node, within: patience).compactMap { outcome in
            guard case .failure(let error) = outcome else {
                Issue.record("it has answered \(outcome)")
                return nil
            }
            return error
        }
    }

    // What it says of slots.

    /// Each is given the node's own port.
    static let nobodys: [(what: String, reply: @Sendable (Int) -> String)] = [
        ("an empty list", { _ in FakeNode.list() }),
        ("nothing", { _ in "*-1\r\n" }),
        ("a status", { _ in "+OK\r\n" }),
        ("a number", { _ in ":7\r\n" }),
        ("a text", { _ in FakeNode.text("0-16383") }),
        ("lists of lists", { _ in FakeNode.list(FakeNode.list(FakeNode.list(), FakeNode.list(), FakeNode.list())) }),
        ("a range without a node", { _ in FakeNode.list(FakeNode.list(":0\r\n", ":16383\r\n")) }),
        ("negative slots", { FakeNode.list(FakeNode.range(-5, last, at: $0)) }),
        ("the lowest number", { FakeNode.list(FakeNode.range(.min, .max, at: $0)) }),
        ("a range from its end", { FakeNode.list(FakeNode.range(last, 0, at: $0)) }),
        ("a slot too many", { FakeNode.list(FakeNode.range(0, last + 1, at: $0)) }),
        ("a port of 0", { _ in FakeNode.list(FakeNode.range(0, last, at: 0)) }),
        ("a negative port", { _ in FakeNode.list(FakeNode.range(0, last, at: -1)) }),
        ("a port too high", { _ in FakeNode.list(FakeNode.range(0, last, at: 65_536)) }),
    ]

    @Test(arguments: nobodys.indices) func slotsThatMakeNoSenseAreServedByNobody(number: Int) async throws {
        let (what, slots) = Self.nobodys[number]
        let node = try FakeNode(slots: slots) { _, _ in FakeNode.text("never asked for") }
        for error in try await errors(of: node) {
            #expect(error.code == "CLUSTERDOWN", "\(what): \(error)")
            #expect(error.retryAdvice == .retry)
        }
    }

    @Test func aReplyThatIsNoneIsToldOnce() async throws {
        let node = try FakeNode(slots: { _ in "*1\r\n:99999999999999999999\r\n" }, answer: { _, _ in "+OK\r\n" })
        for error in try await errors(of: node) {
            #expect(error.kind == .connectFailed)
            #expect(error.reason.contains("unexpected reply from \(node.host)"), "\(error)")
        }
    }

    @Test func overlappingRangesLeadToWhoIsThere() async throws {
        let node = try FakeNode(
            slots: {
                FakeNode.list(
                    FakeNode.range(0, 10_000, at: $0), FakeNode.range(5_000, last, at: $0, of: ""),
                    FakeNode.range(-1, last, at: 1))
            }, answer: { _, _ in FakeNode.text("value") })
        #expect(try await outcomes(of: node) == [.success("value"), .success("value")])
    }

    @Test func aRangeThatIsGivenToADeadNodeTooIsAnError() async throws {
        let dead = try freePort()
        let node = try FakeNode(
            slots: { FakeNode.list(FakeNode.range(0, last, at: $0), FakeNode.range(0, last, at: dead)) },
            answer: { _, _ in FakeNode.text("value") })
        for error in try await errors(of: node) { #expect(error.kind == .connectFailed, "\(error)") }
    }

    // Where it sends commands to.

    private func node(answering answer: @escaping @Sendable (Int, [String]) -> String) throws -> FakeNode {
        try FakeNode(slots: { FakeNode.list(FakeNode.range(0, last, at: $0)) }, answer: answer)
    }

    @Test(arguments: ["MOVED", "ASK"]) func aNodeThatSendsToItselfForEverIsGivenUp(_ word: String) async throws {
        let node = try node { port, words in
            words == ["ASKING"] ? "+OK\r\n" : "-\(word) \(slot) 127.0.0.1:\(port)\r\n"
        }
        for error in try await errors(of: node, within: short) {
            // Its time is up between two detours, or within one.
            #expect(error.kind == .slotMoved || error.kind == .timedOut, "\(error)")
            #expect(error.retryAdvice == .retry)
        }
    }

    @Test(arguments: ["MOVED", "ASK"]) func aNodeThatSendsToNobodyIsAnError(_ word: String) async throws {
        let dead = try freePort()
        let node = try node { _, _ in "-\(word) \(slot) 127.0.0.1:\(dead)\r\n" }
        for error in try await errors(of: node) {
            #expect(error.kind == .connectFailed, "\(error)")
            #expect(error.address == "127.0.0.1:\(dead)")
        }
    }

    @Test func aNodeThatSendsToOneThatSaysNothingIsAnError() async throws {
        let mute = try FakeServer.onPort { peer in while !peer.read().isEmpty {} }
        let address = mute.configuration.address.description
        let node = try node { _, _ in "-MOVED \(slot) \(address)\r\n" }
        for error in try await errors(of: node, within: short) {
            #expect(error.kind == .timedOut, "\(error)")
            #expect(error.address == address)
        }
    }

    @Test(arguments: [
        "", " 1", " x y", " 99999 127.0.0.1:1", " -1 127.0.0.1:1", " 1 127.0.0.1:0", " 1 :::", " 1 h:1 2",
    ])
    func aRedirectionThatMakesNoSenseIsTheErrorThatItIs(words: String) async throws {
        let node = try node { _, _ in "-MOVED\(words)\r\n" }
        for error in try await errors(of: node) {
            #expect(error.code == "MOVED", "\(error)")
            #expect(error.retryAdvice == .fail)
        }
    }

    @Test func whoIsSentInACircleAndThenServedGetsTheAnswer() async throws {
        let refusals = Recorder<Bool>()
        let node = try node { port, _ in
            refusals.note(true) % 4 == 0 ? FakeNode.text("value") : "-MOVED \(slot) 127.0.0.1:\(port)\r\n"
        }
        #expect(try await outcomes(of: node) == [.success("value"), .success("value")])
    }
}
