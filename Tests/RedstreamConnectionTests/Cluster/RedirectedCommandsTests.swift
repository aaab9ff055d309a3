import Testing

@testable import RedstreamConnection

/// The treatment of commands that a node of a cluster has refused, as values.
@Suite struct RedirectedCommandsTests {
    private let asked = RedisConfiguration.Host("10.0.0.1", port: 6379)
    private let moved = "-MOVED \(ClusterSlot(of: "a")) 10.0.0.2:6379"

    /// Replies, of which those that begin with `-` are errors.
    private func replies(_ texts: [String]) -> RedisReplies {
        var bytes: [UInt8] = []
        var nodes: [ReplyNode] = []
        for text in texts {
            let isError = text.hasPrefix("-")
            let content = Array(text.utf8.dropFirst(isError ? 1 : 0))
            nodes.append(ReplyNode(kind: isError ? .error : .string, offset: bytes.count, value: content.count))
            bytes += content
        }
        return RedisReplies(
            storage: ReplyStorage(address: "a", bytes: bytes, nodes: nodes), roots: Array(nodes.indices))
    }

    private func commands(_ lines: [String]) -> PipelineCommands {
        var pipeline = RedisPipeline()
        for line in lines { pipeline.append(line.split(separator: " ").map(String.init)) }
        return PipelineCommands(pipeline)
    }

    private func refused(_ pairs: KeyValuePairs<String, String>) throws -> [RedirectedCommands] {
        try RedirectedCommands.all(
            in: replies(pairs.map(\.value)), to: commands(pairs.map(\.key)), from: asked)
    }

    @Test func areSentOnSlotBySlotWithTheWAITBehindThem() throws {
        let other = "-ASK \(ClusterSlot(of: "b")) 10.0.0.3:6379"
        let found = try refused([
            "XADD c 1": "1-0", "XADD a 1": moved, "XADD b 1": other, "XADD a 2": moved, "WAIT 1 0": "0", "GET d": "x",
        ])
        #expect(found.map(\.slot) == [ClusterSlot(of: "a"), ClusterSlot(of: "b")])
        #expect(found.map(\.places) == [[1, 3, 4], [2]])
        #expect(found.map(\.target.host.port) == [6379, 6379])
        #expect(try refused(["GET c": "x", "GET d": "-ERR no"]).isEmpty)
    }

    @Test(arguments: ["XADD a 2", "EVALSHA 00 1 a", "EVAL return 1 a"])
    func areNotSentOnWhereOneBehindThemWasCarriedOut(command: String) throws {
        let error = #expect(throws: RedisError.self) {
            try self.refused(["XADD b 0": "1-0", "XADD a 1": self.moved, command: "1-1"])
        }
        #expect(error?.kind == .slotMoved)
        #expect(error?.retryAdvice == .retry)
    }

    @Test func areNotSentOnWithAWAITThatWouldSpeakForAPart() {
        let other = "-MOVED \(ClusterSlot(of: "b")) 10.0.0.3:6379"
        func areAllOfOneSlot(_ first: String, _ second: String) -> Bool {
            RedirectedCommands.areAllOfOneSlot(
                in: replies([first, second, "0"]), to: commands(["XADD a 1", "XADD b 1", "WAIT 1 0"]), from: asked)
        }
        #expect(areAllOfOneSlot(moved, moved))
        #expect(areAllOfOneSlot("1-0", "1-0"))
        #expect(!areAllOfOneSlot(moved, "1-0"))
        #expect(!areAllOfOneSlot("1-0", other))
        #expect(!areAllOfOneSlot(moved, other))
    }

    @Test func areGivenUpWhereTheNextNodeTurnsTheirOrder() throws {
        let commands = commands(["XADD a 1", "XADD a 2", "WAIT 1 0"])
        let first = replies([moved, moved, "0"])
        let back = "-MOVED \(ClusterSlot(of: "a")) 10.0.0.1:6379"
        var refused = try #require(try RedirectedCommands.all(in: first, to: commands, from: asked).first)
        var taken = first
        // The first was carried out, what stands behind it is to go elsewhere: nothing is out of order.
        #expect(try refused.take(replies(["1-0", back, "0"]), to: commands, into: &taken)?.host == asked)
        #expect(refused.places == [1, 2])
        #expect(taken.map(\.string) == ["1-0", String(moved.dropFirst()), "0"])
        var turned = try #require(try RedirectedCommands.all(in: first, to: commands, from: asked).first)
        let error = #expect(throws: RedisError.self) {
            _ = try turned.take(self.replies([back, "1-1", "0"]), to: commands, into: &taken)
        }
        #expect(error?.kind == .slotMoved)
    }
}
