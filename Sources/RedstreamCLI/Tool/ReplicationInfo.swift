import RedisClient
import RedstreamSystem

/// What INFO replication tells.
enum ReplicationInfo {
    /// Where a replica's primary is; nil where it does not tell within two seconds, or others know better.
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
        return replies?.first?.string.flatMap(primary(in:))
    }

    /// `host:port` of the primary that a replica follows; nil where the server is a primary itself.
    static func primary(in info: String) -> String? {
        var values: [Substring: Substring] = [:]
        for line in info.split(whereSeparator: \.isNewline) {
            let pair = line.split(separator: ":", maxSplits: 1)
            if pair.count == 2 { values[pair[0]] = pair[1] }
        }
        guard let host = values["master_host"], let port = values["master_port"].flatMap({ Int($0) }) else {
            return nil
        }
        return RedisConfiguration.Host(String(host), port: port).description
    }
}
