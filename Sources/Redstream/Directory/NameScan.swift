import RedstreamConnection

/// The names of a namespace that a scan has found, of whatever type their keys are.
struct FoundNames: Sendable, Equatable {
    /// The names of streams.
    var streams: Set<ExactText> = []
    /// `<stream>:<consumer>`, from the keys of offsets and of locks.
    var positions: Set<ExactText> = []
    /// The streams of which a set of consumers is kept.
    var registries: Set<ExactText> = []

    /// Sorts the keys of a namespace by what they are.
    init(keys: some Sequence<RedisKey> = [], of keyspace: Keyspace) {
        for key in keys {
            guard let name = key.name(after: keyspace.prefix) else { continue }
            if let stream = name.removing(prefix: "stream:") {
                streams.insert(ExactText(stream))
            } else if let position = name.removing(prefix: "offset:") {
                positions.insert(ExactText(position))
            } else if let position = name.removing(prefix: "lock:consumer:"), !name.ends(with: ".notify") {
                positions.insert(ExactText(position))
            } else if let stream = name.removing(prefix: "consumers:") {
                registries.insert(ExactText(stream))
            }
        }
    }
}

/// A SCAN of every server that has a part of the keys, in pages of a thousand keys.
struct NameScan: Sendable {
    let client: StreamClient
    /// True to keep a server busy for a twentieth of the time only.
    let isPaced: Bool
    /// Ends a paced scan early; nil where nothing does.
    let stop: StopSignal?
    /// The time for which servers were busy, by their clocks.
    private(set) var cost = Duration.zero
    /// The number of pages, less one for each server; those of the first round.
    private(set) var pages = 0

    /// Prepares a scan.
    init(_ client: StreamClient, isPaced: Bool = false, until stop: StopSignal? = nil) {
        self.client = client
        self.isPaced = isPaced
        self.stop = stop
    }

    /// Collects the keys that match a pattern, each once.
    ///
    /// Keys that are created or removed meanwhile may be missed.
    ///
    /// - Parameters:
    ///   - pattern: The pattern of SCAN.
    ///   - type: The type of the keys; nil for any.
    /// - Returns: The keys; nil where a stop came first.
    /// - Throws: `RedisError`; `CancellationError`.
    mutating func keys(matching pattern: RedisKey, type: String? = nil) async throws -> Set<RedisKey>? {
        var found = try await round(pattern, type)
        let counted = pages
        // A slot that moved meanwhile, from a node that was yet to be asked to one that had been, is met the second time.
        if client.pool.cluster != nil { found.formUnion(try await round(pattern, type)) }
        pages = counted
        return stop?.isStopping == true ? nil : found
    }

    private mutating func round(_ pattern: RedisKey, _ type: String?) async throws -> Set<RedisKey> {
        var scan = self
        defer { self = scan }
        return try await client.pool.withEachPrimary { connection in
            try await scan.page(through: connection, pattern, type)
        }.reduce(into: []) { $0.formUnion($1) }
    }

    private mutating func page(
        through connection: RedisConnection, _ pattern: RedisKey, _ type: String?
    ) async throws -> Set<RedisKey> {
        var keys = Set<RedisKey>()
        var cursor = "0"
        repeat {
            // The server's own clock tells how long it was busy, whatever the way to it takes.
            var pipeline = RedisPipeline("TIME")
            let words: [any RedisArgument] = ["SCAN", cursor, "MATCH", pattern, "COUNT", 1000]
            pipeline.append(words + (type.map { ["TYPE", $0] } ?? []))
            pipeline.append("TIME")
            let replies = try await connection.execute(pipeline)
            let parts = try replies[1].get().elements
            // A clock that was set meanwhile makes no scan last for hours.
            let busy = min(Self.duration(from: replies[0], to: replies[2]), .milliseconds(100))
            cursor = parts.first?.string ?? "0"
            keys.formUnion((parts.last?.elements ?? []).compactMap(\.key))
            cost += busy
            if cursor != "0" { pages += 1 }
            if isPaced, cursor != "0" { try await pause(for: busy * 19) }
        } while cursor != "0" && stop?.isStopping != true
        return keys
    }

    /// Returns the time between two replies of TIME; a millisecond, as a page takes, where the user may not ask.
    static func duration(from first: RedisReply, to last: RedisReply) -> Duration {
        let times = [first, last].map { $0.elements.compactMap(\.integer) }
        guard times.allSatisfy({ $0.count == 2 }) else { return .milliseconds(1) }
        let seconds = times[1][0] - times[0][0]
        return max(.zero, .seconds(seconds) + .microseconds(times[1][1] - times[0][1]))
    }

    private func pause(for time: Duration) async throws {
        try await (stop ?? StopSignal()).sleep(for: time)
    }
}
