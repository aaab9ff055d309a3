import RedstreamConnection
import TestSupport

/// Reads keys as they travel between the nodes of a cluster (DUMP), by putting them into a server of its own.
///
/// Their content depends on the server's version, and only the server can read it.
package struct KeyDumps: Sendable {
    private let server: RedisServer

    static func start() async throws -> KeyDumps { KeyDumps(server: try await RedisServer.start()) }

    func stop() { server.end() }

    /// The commands that would write the key that a RESTORE has brought.
    ///
    /// - Parameter words: The words of the RESTORE, its fourth one by ``text(of:)``.
    /// - Returns: None where the key is neither a stream nor a string.
    func commands(of words: [String]) -> [[String]] {
        let connection = BlockingRedisConnection(server.configuration, name: "torture:dumps")
        var pipeline = RedisPipeline("DEL", "key")
        pipeline.append("RESTORE", "key", 0, words[3].unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
        pipeline.append("XRANGE", "key", "-", "+")
        pipeline.append("GET", "key")
        guard let replies = try? connection.execute(pipeline, for: nil, timeout: .seconds(10)) else { return [] }
        if replies[3].kind != .error, let value = replies[3].string {
            // Where a key has a life, it travels as the time at which that ends.
            let life = words[2] == "0" ? [] : ["PXAT", words[2]]
            return [["SET", words[1], value] + life]
        }
        guard replies[2].kind != .error else { return [] }
        return replies[2].elements.map { entry in
            let parts = entry.elements
            return ["XADD", words[1], parts[0].string ?? ""] + parts[1].elements.map { $0.string ?? "" }
        }
    }

    /// Bytes as text, a character for each, so that none is changed.
    static func text(of bytes: Slice<UnsafeRawBufferPointer>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: bytes.map { Unicode.Scalar($0) })
        return String(text)
    }
}
