/// The answer of one sentinel about the primary of a service.
struct SentinelAnswer: Equatable {
    /// The primary's host and port; nil if the sentinel does not know the service.
    let primary: RedisConfiguration.Host?
    /// The number of failovers that the sentinel has heard of: the higher, the newer its knowledge.
    let epoch: Int

    /// Reads the reply to SENTINEL MASTER.
    init(_ reply: RedisReply) {
        let values = reply.dictionary
        var primary: RedisConfiguration.Host?
        if let name = values["ip"]?.string, let port = values["port"]?.integer, (1...65535).contains(port) {
            primary = RedisConfiguration.Host(name, port: port)
        }
        self.init(primary: primary, epoch: values["config-epoch"]?.integer ?? 0)
    }

    init(primary: RedisConfiguration.Host?, epoch: Int) {
        self.primary = primary
        self.epoch = epoch
    }

    /// Returns the primary that the newest answers name; of several, the one that most of these name.
    static func best(of answers: [SentinelAnswer]) -> RedisConfiguration.Host? {
        let known = answers.filter { $0.primary != nil }
        guard let newest = known.map(\.epoch).max() else { return nil }
        let votes = Dictionary(grouping: known.filter { $0.epoch == newest }.compactMap(\.primary)) { $0 }
        return votes.max { ($0.value.count, $1.key.description) < ($1.value.count, $0.key.description) }?.key
    }
}
