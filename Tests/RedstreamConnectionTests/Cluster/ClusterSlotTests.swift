import TestSupport
import Testing

@testable import RedstreamConnection

/// The slots of keys, and the answers of nodes about slots.
@Suite struct ClusterSlotTests {
    @Test(arguments: [
        ("", 0), ("123456789", 12_739), ("foo", 12_182), ("bar", 5061), ("foo{bar}{zap}", 5061),
        ("redstream:stream:{bar}.delay", 5061),
    ])
    func theHashTagDecides(key: String, slot: Int) {
        #expect(ClusterSlot(of: key).number == slot)
    }

    @Test func bracesThatHoldNothingOrDoNotCloseAreNoTag() {
        #expect(ClusterSlot(of: "foo{}{bar}") != ClusterSlot(of: "bar"))
        #expect(ClusterSlot(of: "foo{bar") != ClusterSlot(of: "bar"))
        #expect(ClusterSlot(of: "foo{{bar}}zap") == ClusterSlot(of: "{bar"))
    }

    @Test func everySlotIsTheOneThatTheServerComputes() async throws {
        let server = try await RedisCluster.shared.nodes[0]
        let connection = try await RedisConnection.connect(to: server.configuration)
        defer { connection.close() }
        let letters = Array("ab{}:é\u{0}-")
        var keys = ["", "{", "}", "{}", "{{}}", "a{b}c", "}{", "}a{b}"]
        keys += (0..<500).map { _ in String((0..<Int.random(in: 1...12)).map { _ in letters.randomElement() ?? "a" }) }
        var pipeline = RedisPipeline()
        for key in keys { pipeline.append("CLUSTER", "KEYSLOT", key) }
        let answers = try await connection.executeChecked(pipeline).map(\.integer)
        for (key, answer) in zip(keys, answers) { #expect(ClusterSlot(of: key).number == answer, "\(key)") }
    }

    @Test func redirectionsAreReadAndOtherErrorsAreNot() {
        let asked = RedisConfiguration.Host("10.0.0.1", port: 7000)
        let moved = Redirection("MOVED 3999 10.0.0.2:6381", from: asked)
        #expect(moved?.kind == .moved)
        #expect(moved?.slot == ClusterSlot(3999))
        #expect(moved?.host == .init("10.0.0.2", port: 6381))
        #expect(Redirection("ASK 0 ::1:7001", from: asked)?.host == .init("::1", port: 7001))
        // A node that does not know its own address means the one that was asked.
        #expect(Redirection("MOVED 1 :6382", from: asked)?.host == .init("10.0.0.1", port: 6382))
        for text in [
            "ERR no", "MOVED", "MOVED 3999", "MOVED 3999 host", "MOVED 16384 h:1", "MOVED -1 h:1", "ASK x h:1",
            "MOVED 1 h:0", "MOVED 1 h:65536", "MOVED 1 h:1 more", "moved 1 h:1",
        ] { #expect(Redirection(text, from: asked) == nil, "\(text)") }
    }

    @Test func commandsAreFoundAgainInAPipeline() {
        var pipeline = RedisPipeline("watch", "key")
        pipeline.append("XADD", "a\r\nb", "*", "payload", String(repeating: "x", count: 300))
        pipeline.append("EXEC")
        let commands = PipelineCommands(pipeline)
        #expect(commands.commands.indices.map { commands.name(of: $0) } == ["WATCH", "XADD", "EXEC"])
        #expect(commands.commands.indices.flatMap { commands.bytes(of: $0) } == pipeline.bytes)
    }

    @Test func nothingOfATransactionIsSentOn() {
        func policy(_ tracker: inout TransactionTracker, _ commands: String...) -> TransactionTracker.RedirectPolicy {
            var pipeline = RedisPipeline()
            for command in commands { pipeline.append([command, "key"]) }
            return tracker.willSend(PipelineCommands(pipeline))
        }
        var tracker = TransactionTracker()
        #expect(policy(&tracker, "GET", "XADD") == .all)
        #expect(policy(&tracker, "EVAL", "WATCH", "GET") == .none)
        #expect(policy(&tracker, "GET") == .none)
        #expect(policy(&tracker, "MULTI", "SET", "EXEC") == .none)
        #expect(policy(&tracker, "GET") == .all)
        // Before anything was read, another node will do.
        #expect(policy(&tracker, "watch") == .movedOnly)
        #expect(policy(&tracker, "WATCH") == .none)
        #expect(policy(&tracker, "UNWATCH") == .none)
        #expect(policy(&tracker, "GET") == .all)
    }

    @Test(arguments: [
        ("redis+cluster://a", "a:6379"), ("redis+cluster://a:1,b,[::1]:6/", "a:1,b:6379,[::1]:6"),
        ("redis+cluster://u:p%40@a,b/0", "a:6379,b:6379"), ("rediss+cluster://a", "a:6379"),
    ])
    func readsURLs(url: String, address: String) throws {
        let configuration = try RedisConfiguration(url: url)
        #expect(configuration.address.description == address)
        #expect((configuration.password?.revealed == "p@") == url.contains("@"))
        #expect((configuration.tls != nil) == url.hasPrefix("rediss"))
    }

    @Test(arguments: ["redis+cluster://", "redis+cluster://a,", "redis+cluster://a/1", "redis+cluster://a:0"])
    func refusesURLs(url: String) {
        #expect(throws: RedisURLError.self) { _ = try RedisConfiguration(url: url) }
    }
}
