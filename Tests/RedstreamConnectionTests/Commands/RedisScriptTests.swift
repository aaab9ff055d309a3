import RedstreamConnection
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct RedisScriptTests {
    @Test func runsByDigestOnceLoaded() async throws {
        let connection = try await RedisConnection.connect(to: RedisServer.shared.configuration)
        defer { connection.close() }
        let script = RedisScript("return {KEYS[1], ARGV[1], 7}")
        #expect(script.digest == SHA1.hexadecimal(of: script.source))
        for _ in 0..<2 {
            let reply = try await connection.run(script, keys: ["k"], arguments: ["a"])
            #expect(reply.elements.map(\.string) == ["k", "a", nil])
            #expect(reply.elements[2].integer == 7)
        }
        var pipeline = RedisPipeline()
        pipeline.append(script, keys: ["k"], arguments: ["a"])
        #expect(String(decoding: pipeline.bytes, as: UTF8.self).contains("EVALSHA"))
    }

    @Test func aServerThatForgotTheScriptIsGivenItAgain() async throws {
        try await RedisServer.with { server in
            let connection = try await RedisConnection.connect(to: server.configuration)
            defer { connection.close() }
            let script = RedisScript("return redis.call('INCR', KEYS[1])")
            for expected in 1...3 {
                #expect(try await connection.run(script, keys: ["n"]).integer == expected)
                try await connection.call("SCRIPT", "FLUSH")
            }
            // A script that was loaded is known until it is forgotten.
            #expect(try await connection.run(script, keys: ["n"]).integer == 4)
            var pipeline = RedisPipeline()
            pipeline.append(script, keys: ["n"])
            #expect(try await connection.executeChecked(pipeline)[0].integer == 5)
        }
    }

    @Test func anErrorInAScriptIsThrown() async throws {
        let connection = try await RedisConnection.connect(to: RedisServer.shared.configuration)
        defer { connection.close() }
        let failing = RedisScript("return redis.error_reply('WRONGTYPE by hand')")
        let error = await #expect(throws: RedisError.self) { try await connection.run(failing, keys: []) }
        #expect(error?.code == "WRONGTYPE")
        await #expect(throws: RedisError.self) { try await connection.run(RedisScript("no lua"), keys: []) }
        #expect(await connection.isUsable)
    }
}
