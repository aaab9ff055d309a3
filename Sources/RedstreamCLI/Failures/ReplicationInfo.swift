import RedstreamConnection
import RedstreamSystem

/// The reply of INFO replication.
enum ReplicationInfo {
    /// Returns the address of a replica's primary; nil where it does not tell within two seconds, or others know
    /// better.
    static func primary(of server: RedisConfiguration) async -> String? {
        (try? await onThread { primaryBlocking(of: server) }) ?? nil
    }

    /// The same for a thread that may block.
    static func primaryBlocking(of server: RedisConfiguration) -> String? {
        if server.address.hasFailover { return nil }
        var server = server
        server.connectTimeout = min(server.connectTimeout, .seconds(1))
        let connection = BlockingRedisConnection(server, name: "redstream:hint")
        let question = RedisPipeline("INFO", "replication")
        let replies = try? connection.execute(question, for: nil, timeout: .seconds(2))
        return replies?.first.flatMap { primary(in: RedisInfo($0)) }
    }

    /// Returns `host:port` of the primary that a replica follows; nil if the server is a primary itself.
    static func primary(in info: RedisInfo) -> String? {
        guard let host = info["master_host"], let port = info.integer("master_port") else { return nil }
        return RedisConfiguration.Host(host, port: port).description
    }
}
