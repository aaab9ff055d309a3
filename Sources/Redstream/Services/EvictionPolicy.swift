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
    /// From INFO memory; a user who may not ask is not warned.
    func warnOfEviction() async throws {
        guard !evictionWasChecked.exchange(true, ordering: .relaxed) else { return }
        let reply = try await pool.withConnection { try await $0.execute(RedisPipeline("INFO", "memory"))[0] }
        guard reply.kind == .string, let info = reply.string,
            let policy = EvictionPolicy.policy(inMemoryInfo: info), let danger = EvictionPolicy.danger(of: policy)
        else { return }
        logger.warning("the server's maxmemory-policy is \(policy): \(danger); set it to noeviction")
    }
}
