import Logging
import RedstreamConnection
import Synchronization

/// The policy of a server whose memory is full: a danger to streams, offsets and locks, which it may evict.
enum EvictionPolicy {
    /// Returns the risk of a policy in words; nil if there is none.
    ///
    /// Streams and offsets live without an expiry, locks with one.
    static func danger(of policy: String) -> String? {
        if policy.hasPrefix("allkeys-") { return "it can evict streams, offsets and locks" }
        return policy.hasPrefix("volatile-") ? "it can evict locks, and two processes can hold one then" : nil
    }

    /// Returns the policy in INFO memory; nil if there is no limit that would put it into effect.
    static func policy(inMemoryInfo info: RedisInfo) -> String? {
        info["maxmemory"] == "0" ? nil : info["maxmemory_policy"]
    }
}

extension StreamClient {
    /// Warns, once for each client, of a server that may evict keys that Redstream relies on.
    ///
    /// From INFO memory, of each primary of a cluster; a user who may not run it is not warned.
    func warnOfEviction() async throws {
        guard !evictionWasChecked.exchange(true, ordering: .relaxed) else { return }
        let replies: [(String, RedisReply)]
        do {
            replies = try await pool.withEachPrimary { connection in
                (connection.address, try await connection.execute(RedisPipeline("INFO", "memory"))[0])
            }
        } catch {
            // The next service of the client looks again.
            evictionWasChecked.store(false, ordering: .relaxed)
            throw error
        }
        for (address, reply) in replies {
            guard let policy = EvictionPolicy.policy(inMemoryInfo: RedisInfo(reply)),
                let danger = EvictionPolicy.danger(of: policy)
            else { continue }
            let server = replies.count > 1 ? "maxmemory-policy of \(address)" : "server's maxmemory-policy"
            logger.warning("the \(server) is \(policy): \(danger); set it to noeviction")
        }
    }
}
