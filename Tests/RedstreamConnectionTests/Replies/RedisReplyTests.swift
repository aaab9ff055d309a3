import RedstreamConnection
import Testing

@Suite(.timeLimit(.minutes(3))) struct RedisReplyTests {
    /// One reply of every kind that RESP2 knows, and how it reads.
    static let samples: [(wire: String, meaning: String)] = [
        ("+OK\r\n", "status(OK)"),
        ("-ERR bad thing\r\n", "error(ERR bad thing)"),
        (":0\r\n", "0"),
        (":-42\r\n", "-42"),
        (":9223372036854775807\r\n", "9223372036854775807"),
        (":-9223372036854775808\r\n", "-9223372036854775808"),
        ("$5\r\nhello\r\n", "'hello'"),
        ("$0\r\n\r\n", "''"),
        ("$4\r\na\r\nb\r\n", "'a\r\nb'"),
        ("$-1\r\n", "null"),
        ("*-1\r\n", "null"),
        ("*0\r\n", "[]"),
        ("*3\r\n:1\r\n$-1\r\n+OK\r\n", "[1, null, status(OK)]"),
        ("*2\r\n*2\r\n:1\r\n*1\r\n$1\r\na\r\n-WRONGTYPE no\r\n", "[[1, ['a']], error(WRONGTYPE no)]"),
        ("*3\r\n*0\r\n*-1\r\n*1\r\n*0\r\n", "[[], null, [[]]]"),
    ]

    @Test func everyKindIsReadWhereverItIsSplit() async throws {
        // Each sample alone, and all of them behind each other: a split then falls between any two as well.
        let all = Self.samples.map(\.wire).joined()
        let server = try FakeServer { peer in
            peer.shakeHands()
            for wire in Self.samples.map(\.wire) + [all] {
                let bytes = Array(wire.utf8)
                for split in 1..<bytes.count {
                    if peer.read().isEmpty { return }
                    peer.write(bytes[..<split])
                    peer.waitUntilTaken()
                    peer.write(bytes[split...])
                }
            }
        }
        let connection = try await RedisConnection.connect(to: server.configuration)
        defer { connection.close() }
        for (wire, meaning) in Self.samples {
            for split in 1..<wire.utf8.count {
                let replies = try await connection.execute(RedisPipeline("ANY"))
                #expect(replies.map(meaningOf) == [meaning], "split at \(split)")
            }
        }
        var pipeline = RedisPipeline()
        for _ in Self.samples { pipeline.append("ANY") }
        for split in 1..<all.utf8.count {
            let replies = try await connection.execute(pipeline)
            #expect(replies.map(meaningOf) == Self.samples.map(\.meaning), "split at \(split)")
        }
    }

    @Test func aReplyThatComesByteByByteIsRead() async throws {
        let server = try FakeServer { peer in
            peer.shakeHands()
            _ = peer.read()
            for byte in Array(Self.samples.map(\.wire).joined().utf8) {
                peer.write([byte])
                peer.waitUntilTaken()
            }
        }
        let connection = try await RedisConnection.connect(to: server.configuration)
        defer { connection.close() }
        var pipeline = RedisPipeline()
        for _ in Self.samples { pipeline.append("ANY") }
        let replies = try await connection.execute(pipeline)
        #expect(replies.map(meaningOf) == Self.samples.map(\.meaning))
        #expect(replies.firstError?.string == "ERR bad thing")
    }

    @Test func whatIsNoRedisIsAProtocolViolation() async throws {
        let server = try FakeServer { peer in
            peer.shakeHands()
            _ = peer.read()
            peer.write("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)
            _ = peer.read()
        }
        let connection = try await RedisConnection.connect(to: server.configuration)
        let error = await #expect(throws: RedisError.self) { try await connection.call("PING") }
        #expect(error?.kind == .protocolViolation)
        #expect(await !connection.isUsable)
    }

    @Test func aConnectionThatEndsInMidReplyIsLost() async throws {
        let server = try FakeServer { peer in
            peer.shakeHands()
            _ = peer.read()
            peer.write("$100\r\nonly this".utf8)
        }
        let connection = try await RedisConnection.connect(to: server.configuration)
        let error = await #expect(throws: RedisError.self) { try await connection.call("PING") }
        #expect(error?.kind == .connectionLost)
    }

    @Test func aValueIsReadOnlyAsWhatItIs() async throws {
        let server = try FakeServer { peer in
            peer.shakeHands()
            _ = peer.read()
            peer.write("*5\r\n:7\r\n$2\r\n12\r\n$1\r\nx\r\n$-1\r\n$2\r\n\u{e9}\r\n".utf8)
            _ = peer.read()
        }
        let connection = try await RedisConnection.connect(to: server.configuration)
        defer { connection.close() }
        let reply = try await connection.call("ANY")
        #expect(reply.elements.map(\.integer) == [7, 12, nil, nil, nil])
        #expect(reply.elements.map(\.string) == [nil, "12", "x", nil, "é"])
        #expect(reply.integer == nil)
        #expect(reply.string == nil)
        #expect(reply.elements[0].elements.isEmpty)
        #expect(reply.error == nil)
        #expect(reply.elements[3].isNull)
    }
}

/// A reply as text, to compare with.
private func meaningOf(_ reply: RedisReply) -> String {
    switch reply.kind {
    case .string: "'\(reply.string ?? "?")'"
    case .status: "status(\(reply.string ?? "?"))"
    case .error: "error(\(reply.string ?? "?"))"
    case .integer: reply.integer.map { "\($0)" } ?? "?"
    case .array: "[" + reply.elements.map(meaningOf).joined(separator: ", ") + "]"
    case .null: "null"
    }
}
