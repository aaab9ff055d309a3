/// What one sentinel says of a service's primary.
struct SentinelAnswer: Equatable {
    /// Where the primary is; nil where the sentinel does not know the service.
    let primary: RedisConfiguration.Host?
    /// How many failovers the sentinel has heard of: the higher, the newer its knowledge.
    let epoch: Int

    /// Reads the reply to SENTINEL MASTER: names and values in turn.
    init(_ parts: [String]) {
        var values: [String: String] = [:]
        for place in stride(from: 0, to: parts.count - 1, by: 2) { values[parts[place]] = parts[place + 1] }
        if let name = values["ip"], let port = values["port"].flatMap({ Int($0) }) {
            primary = RedisConfiguration.Host(name, port: port)
        } else {
            primary = nil
        }
        epoch = values["config-epoch"].flatMap { Int($0) } ?? 0
    }

    /// The primary that is known best: by the newest knowledge, and among equals by most sentinels.
    static func best(of answers: [SentinelAnswer]) -> RedisConfiguration.Host? {
        let known = answers.filter { $0.primary != nil }
        guard let newest = known.map(\.epoch).max() else { return nil }
        let votes = Dictionary(grouping: known.filter { $0.epoch == newest }.compactMap(\.primary)) { $0 }
        return votes.max { ($0.value.count, $1.key.description) < ($1.value.count, $0.key.description) }?.key
    }
}
