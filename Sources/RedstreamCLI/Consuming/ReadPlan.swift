import Redstream

/// Where a `consume` starts and ends, with times resolved by the server's clock.
struct ReadPlan: Sendable {
    var start: StartPosition
    var limits: ReadLimits
    /// Whether there is such a stream; a follower waits for it, and is to know that it does.
    var streamExists: Bool
    /// Whether there is nothing to read, and nothing to wait for.
    var isOver = false

    /// Resolves what a command says for its stream, or for one shard of it.
    init(_ command: ConsumeCommand, stream: String, _ client: StreamClient) async throws {
        let now = try await client.serverTime()
        streamExists = try await client.lastID(of: stream) != nil
        start = .earliest
        if let since = command.since { start = Self.start(at: since, now: now) }
        switch command.from {
        case nil: break
        case .earliest: start = .earliest
        case .latest: start = .latest
        case .committed(let name): start = .committed(name)
        case .point(let point): start = Self.start(at: point, now: now)
        }
        limits = ReadLimits(count: command.count, end: command.until?.endID(now: now))
        if command.exitAtEnd {
            let last = try await client.lastEntryID(of: stream) ?? .zero
            limits.end = min(limits.end ?? .max, last)
        }
        // An entry that comes later has an id of now at least.
        if !streamExists, let end = limits.end { isOver = end.milliseconds < now }
    }

    /// A point is included; an offset is the entry before.
    private static func start(at point: PointInTime, now: UInt64) -> StartPosition {
        point.startID(now: now).predecessor.map { .after($0) } ?? .earliest
    }
}
