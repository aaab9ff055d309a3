import RedisClient

/// The streams and consumers of a namespace, as their keys tell.
public struct StreamDirectory: Sendable, Equatable {
    /// Every stream, delay and dead-letter streams included, sorted.
    public var streams: [String] = []
    /// Every consumer that has an offset or a live lock, sorted; delayers included, by the delay stream's name.
    public var consumers: [ConsumerName] = []
    /// Offset or lock names whose split into stream and consumer is not certain, with every split that the
    /// existing streams allow.
    public var ambiguous: [String: [ConsumerName]] = [:]

    /// Creates an empty directory.
    public init() {}

    /// Creates the directory of what was found.
    ///
    /// - Parameters:
    ///   - streams: Names of streams, each once.
    ///   - positions: What follows `offset:` or `lock:consumer:` in the names of keys.
    init(streams: [String], positions: [String]) {
        self.streams = streams.sorted()
        let existing = Set(streams)
        var consumers = Set<ConsumerName>()
        for name in Set(positions) {
            let splits = Self.splits(of: name, among: existing)
            if splits.count == 1 { consumers.formUnion(splits) }
            if splits.count > 1 { ambiguous[name] = splits }
        }
        self.consumers = consumers.sorted { ($0.stream, $0.name) < ($1.stream, $1.name) }
    }

    /// Creates the directory of a namespace from the names of its keys, whatever their types are.
    package init(keys: some Sequence<String>, of keyspace: Keyspace) {
        var streams: [String] = []
        var positions: [String] = []
        for key in keys {
            guard let name = key.removing(prefix: keyspace.base + ":") else { continue }
            if let stream = name.removing(prefix: "stream:") {
                streams.append(stream)
            } else if let position = name.removing(prefix: "offset:") {
                positions.append(position)
            } else if let position = name.removing(prefix: "lock:consumer:"), !name.hasSuffix(".notify") {
                positions.append(position)
            }
        }
        self.init(streams: streams, positions: positions)
    }

    /// Splits `<stream>:<consumer>` where a stream's name may hold colons.
    ///
    /// The streams that exist decide. One split with an existing stream is certain, and so is the only split
    /// there is. With several, or with none among many, nothing is: the caller is told, and guesses nothing.
    ///
    /// - Returns: The possible splits: exactly one where it is certain.
    public static func splits(of name: String, among streams: Set<String>) -> [ConsumerName] {
        let all = name.indices.filter { name[$0] == ":" }.map {
            ConsumerName(stream: String(name[..<$0]), name: String(name[name.index(after: $0)...]))
        }
        let existing = all.filter { streams.contains($0.stream) }
        return existing.isEmpty ? all : existing
    }

    /// Tells delay streams and dead-letter streams from streams that applications write.
    ///
    /// `<stream>.delay` is a delay stream whatever else exists; `….dead` is a dead-letter stream.
    public static func isDerived(_ stream: String) -> Bool {
        stream.hasSuffix(".delay") || stream.hasSuffix(".dead")
    }

    /// The streams that applications write: neither delay nor dead-letter streams.
    ///
    /// A stream of which only the delay stream exists yet is not among them.
    public var primaryStreams: [String] { streams.filter { !Self.isDerived($0) } }

    /// The streams that have a delay stream.
    public var delayedStreams: [String] {
        streams.filter { $0.hasSuffix(".delay") }.map { String($0.dropLast(".delay".count)) }
    }
}

extension StreamClient {
    /// Finds the streams and consumers of the namespace.
    ///
    /// Runs SCAN over the whole database, twice on each primary of a cluster, in steps: O(keys) in all, a few hundred keys for
    /// each step, so that the server is never held up. What is created or removed meanwhile may be missed.
    ///
    /// - Throws: `RedisError`; ``RedstreamError/partOfCluster(address:)`` where the client was given one of several nodes
    ///   of a cluster as a server of its own: it has a part of the keys.
    public func directory() async throws -> StreamDirectory {
        try await requireAllKeys()
        let prefix = keys.base + ":"
        let streams = try await scan(matching: prefix.escapedForGlob + "stream:*", type: "stream")
        let offsets = try await scan(matching: prefix.escapedForGlob + "offset:*", type: "string")
        let locks = try await scan(matching: prefix.escapedForGlob + "lock:consumer:*", type: "string")

        return StreamDirectory(
            streams: streams.compactMap { $0.removing(prefix: "\(prefix)stream:") },
            positions: offsets.compactMap { $0.removing(prefix: "\(prefix)offset:") }
                + locks.compactMap { $0.removing(prefix: "\(prefix)lock:consumer:") })
    }

    /// Collects the keys that match a pattern, each once, by SCAN on every server that has a part of them.
    func scan(matching pattern: String, type: String) async throws -> [String] {
        var found = try await keys(matching: pattern, type: type)
        // A slot that moved meanwhile, from a node that was yet to be asked to one that had been, is met the second time.
        if pool.cluster != nil { found.formUnion(try await keys(matching: pattern, type: type)) }
        return Array(found)
    }

    private func keys(matching pattern: String, type: String) async throws -> Set<String> {
        let found = try await pool.withEachPrimary { connection in
            var keys = Set<String>()
            var cursor = "0"
            repeat {
                let reply = try await connection.call(
                    "SCAN", cursor, "MATCH", pattern, "COUNT", 500, "TYPE", type)
                let parts = reply.elements
                cursor = parts.first?.string ?? "0"
                keys.formUnion((parts.last?.elements ?? []).compactMap(\.string))
            } while cursor != "0"
            return keys
        }
        return found.reduce(into: Set<String>()) { $0.formUnion($1) }
    }
}
