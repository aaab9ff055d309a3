/// A Lua script that runs as one atomic step on the server.
///
/// It is sent as EVALSHA. A server that does not know it, be it new or after SCRIPT FLUSH, is given it by
/// SCRIPT LOAD, and the call is made again.
public struct RedisScript: Sendable {
    /// The Lua text.
    public let source: String
    /// The SHA-1 of the text, by which servers know the script.
    public let digest: String

    /// Creates a script.
    public init(_ source: String) {
        self.source = source
        digest = SHA1.hexadecimal(of: source)
    }
}

extension RedisPipeline {
    /// Appends a call of a script that the server knows; a server that does not answers NOSCRIPT.
    public mutating func append(
        _ script: RedisScript, keys: [any RedisArgument], arguments: [any RedisArgument] = []
    ) {
        append(["EVALSHA", script.digest, keys.count] + keys + arguments)
    }
}
