import Synchronization

/// A Lua script that runs as one atomic step on the server.
///
/// It is sent as EVALSHA. A server that does not know it, be it new or after SCRIPT FLUSH, is given it by
/// SCRIPT LOAD, and the call is made again.
public final class RedisScript: Sendable {
    /// The Lua text.
    public let source: String
    private let digest = Mutex<String?>(nil)

    /// Creates a script; nothing is sent before its first use.
    public init(_ source: String) {
        self.source = source
    }

    /// The SHA-1 by which servers know the script, or nil before one has been given it.
    ///
    /// The server computes it; it depends on the text alone, so that what one server said holds for all.
    public var knownDigest: String? { digest.withLock { $0 } }

    func learn(_ digest: String) {
        self.digest.withLock { $0 = digest }
    }
}

extension RedisPipeline {
    /// Appends a call of a script by its digest, or by its text as long as the digest is not known.
    public mutating func append(
        _ script: RedisScript, keys: [any RedisArgument], arguments: [any RedisArgument] = []
    ) {
        let call: [any RedisArgument] =
            if let digest = script.knownDigest { ["EVALSHA", digest] } else { ["EVAL", script.source] }
        append(call + [keys.count] + keys + arguments)
    }
}

extension RedisConnection {
    /// Makes sure that the server and this process know scripts, so that EVALSHA can be pipelined.
    public func load(_ scripts: [RedisScript]) async throws {
        let unknown = scripts.filter { $0.knownDigest == nil }
        guard !unknown.isEmpty else { return }
        var pipeline = RedisPipeline()
        for script in unknown { pipeline.append("SCRIPT", "LOAD", script.source) }
        let replies = try await execute(pipeline)
        for (script, reply) in zip(unknown, replies) {
            if let error = reply.error(from: address) { throw error }
            if let digest = reply.string { script.learn(digest) }
        }
    }

    /// Runs a script.
    ///
    /// - Parameters:
    ///   - script: What to run.
    ///   - keys: Every key it touches, so that it can run on a cluster.
    ///   - arguments: Its ARGV.
    /// - Returns: What the script returned.
    /// - Throws: ``RedisError``, also for an error that the script raised.
    public func run(
        _ script: RedisScript, keys: [any RedisArgument], arguments: [any RedisArgument] = []
    ) async throws -> RedisReply {
        try await load([script])
        var pipeline = RedisPipeline()
        pipeline.append(script, keys: keys, arguments: arguments)
        let reply = try await execute(pipeline)[0]
        guard let error = reply.error(from: address) else { return reply }
        guard error.code == "NOSCRIPT" else { throw error }
        return try await call("EVAL", [script.source, keys.count] + keys + arguments)
    }
}
