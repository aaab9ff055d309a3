import Logging
import RedisClient
import Synchronization

/// What a server does when its memory is full: a danger to streams, offsets and locks that it may evict.
enum EvictionPolicy {
    /// What a policy puts at risk, in words; nil where it puts nothing at risk.
    ///
    /// Streams and offsets live without an expiry, locks with one.
    static func danger(of policy: String) -> String? {
        if policy.hasPrefix("allkeys-") { return "it can evict streams, offsets and locks" }
        return policy.hasPrefix("volatile-") ? "it can evict locks, and two processes can hold one then" : nil
    }

    /// The policy in what INFO memory says; nil where there is no limit that would put it into effect.
    static func policy(inMemoryInfo info: String) -> String? {
        var values: [Substring: Substring] = [:]
        for line in info.split(whereSeparator: \.isNewline) {
            let pair = line.split(separator: ":", maxSplits: 1)
            if pair.count == 2 { values[pair[0]] = pair[1] }
        }
        return values["maxmemory"] == "0" ? nil : values["maxmemory_policy"].map(String.init)
    }
}

extension StreamClient {
    /// Warns, once for each client, of a server that may evict what Redstream relies on.
    ///
    /// From INFO memory, of each primary of a cluster; a user who may not ask is not warned.
    func warnOfEviction() async throws {
        guard !evictionWasChecked.exchange(true, ordering: .relaxed) else { return }
        let replies = try await pool.withEachPrimary { connection in
            (connection.address, try await connection.execute(RedisPipeline("INFO", "memory"))[0])
        }
        for (address, reply) in replies {
            guard reply.kind == .string, let info = reply.string,
                let policy = EvictionPolicy.policy(inMemoryInfo: info), let danger = EvictionPolicy.danger(of: policy)
            else { continue }
            let server = replies.count > 1 ? "maxmemory-policy of \(address)" : "server's maxmemory-policy"
            logger.warning("the \(server) is \(policy): \(danger); set it to noeviction")
        }
    }
}
