import RedstreamConnection
import TestSupport

/// A server that closes connections whose replies exceed 1 MB, with entries in its streams.
func withLimitedServer(
    entries sizes: [Int] = Array(repeating: 300_000, count: 20), in streams: [String] = ["products"],
    _ body: (RedisServer, RedisConnection) async throws -> Void
) async throws {
    let options = RedisServer.Options(lines: ["client-output-buffer-limit normal 1mb 1mb 1"])
    try await RedisServer.with(options) { server in
        let connection = try await RedisConnection.connect(to: server.configuration)
        defer { connection.close() }
        for stream in streams {
            for (number, size) in sizes.enumerated() {
                let payload = "\"" + String(repeating: "x", count: size) + "\""
                try await connection.call(
                    "XADD", "redstream:stream:\(stream)", "\(number + 1)-0", "payload", payload)
            }
        }
        try await body(server, connection)
    }
}
