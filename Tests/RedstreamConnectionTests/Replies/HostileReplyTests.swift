import RedstreamConnection
import Testing

/// Replies that no Redis sends, but something else at its address may.
struct HostileReplyTests {
    private func reply(_ wire: String) async throws -> RedisReply {
        let server = try FakeServer { peer in
            peer.shakeHands()
            _ = peer.read()
            peer.write(wire.utf8)
            _ = peer.read()
        }
        let connection = try await RedisConnection.connect(to: server.configuration)
        defer { connection.close() }
        return try await connection.call("ANY")
    }

    @Test(arguments: [
        // Arrays that end before the place where a stream's name, its entries, an id or the fields would stand.
        "*1\r\n:1\r\n", "*1\r\n*0\r\n", "*1\r\n*1\r\n:1\r\n", "*1\r\n*2\r\n$1\r\ns\r\n:1\r\n",
        "*1\r\n*2\r\n*1\r\n:1\r\n*0\r\n", "*1\r\n*2\r\n:1\r\n*1\r\n:2\r\n",
        // Fields of which one has no value, or is an array itself.
        "*1\r\n*2\r\n$3\r\n1-1\r\n*1\r\n$1\r\na\r\n", "*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n*1\r\n:1\r\n$1\r\na\r\n",
        "*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n:1\r\n:2\r\n",
        // The second entry is none.
        "*2\r\n*2\r\n$3\r\n1-1\r\n*0\r\n*2\r\n:1\r\n*0\r\n",
    ])
    func whatIsNoListOfEntriesHasNone(wire: String) async throws {
        let reply = try await reply(wire)
        #expect(StreamEntries(range: reply).isEmpty)
        #expect(StreamEntries(read: reply).isEmpty)
    }

    @Test func anEntryThatIsGoneHasNoFields() async throws {
        let entries = StreamEntries(range: try await reply("*1\r\n*2\r\n$3\r\n1-1\r\n*-1\r\n"))
        #expect(entries.map(\.fieldElementCount) == [0])
    }

    @Test(arguments: [",1.5\r\n", "#t\r\n", "*2\r\n#t\r\n:1\r\n"])
    func typesThatOnlyNewerProtocolsHaveAreAViolation(wire: String) async throws {
        // Old hiredis does not know them at all, and new hiredis has no callback for them here.
        let error = await #expect(throws: RedisError.self) { try await reply(wire) }
        #expect(error?.kind == .protocolViolation)
    }
}
