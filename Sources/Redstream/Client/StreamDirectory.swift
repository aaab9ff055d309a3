package import RedstreamConnection

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
        let existing = Set(streams.map(ExactText.init))
        self.streams = existing.sorted().map(\.text)
        var consumers = Set<ConsumerName>()
        for name in Set(positions.map(ExactText.init)) {
            let splits = Self.splits(of: name.text, among: existing)
            if splits.count == 1 { consumers.formUnion(splits) }
            if splits.count > 1 { ambiguous[name.text, default: []] += splits }
        }
        self.consumers = consumers.sorted()
    }

    /// Creates the directory of a namespace from the names of its keys, whatever their types are.
    package init(keys: some Sequence<RedisKey>, of keyspace: Keyspace) {
        var streams: [String] = []
        var positions: [String] = []
        for key in keys {
            guard let name = key.name(after: keyspace.prefix) else { continue }
            if let stream = name.removing(prefix: "stream:") {
                streams.append(stream)
            } else if let position = name.removing(prefix: "offset:") {
                positions.append(position)
            } else if let position = name.removing(prefix: "lock:consumer:"), !name.ends(with: ".notify") {
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
    public static func splits(of name: String, among streams: some Sequence<String>) -> [ConsumerName] {
        splits(of: name, among: Set(streams.map(ExactText.init)))
    }

    private static func splits(of name: String, among streams: Set<ExactText>) -> [ConsumerName] {
        let bytes = Array(name.utf8)
        let all = bytes.indices.filter { bytes[$0] == UInt8(ascii: ":") }.map { place in
            ConsumerName(
                stream: String(decoding: bytes[..<place], as: UTF8.self),
                name: String(decoding: bytes[(place + 1)...], as: UTF8.self))
        }
        let existing = all.filter { streams.contains(ExactText($0.stream)) }
        return existing.isEmpty ? all : existing
    }

    /// Tells delay streams and dead-letter streams from streams that applications write.
    ///
    /// `<stream>.delay` is a delay stream whatever else exists; `….dead` is a dead-letter stream.
    public static func isDerived(_ stream: String) -> Bool {
        stream.ends(with: ".delay") || stream.ends(with: ".dead")
    }

    /// The streams that applications write: neither delay nor dead-letter streams.
    ///
    /// A stream of which only the delay stream exists yet is not among them.
    public var primaryStreams: [String] { streams.filter { !Self.isDerived($0) } }

    /// The streams that have a delay stream.
    public var delayedStreams: [String] {
        streams.compactMap { $0.removing(suffix: ".delay") }
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
        let streams = try await names(after: "stream:", type: "stream")
        let offsets = try await names(after: "offset:", type: "string")
        let locks = try await names(after: "lock:consumer:", type: "string")
        return StreamDirectory(streams: streams, positions: offsets + locks)
    }

    /// Finds the streams that have a delay stream, with a third of the scans of ``directory()``.
    package func delayedStreams() async throws -> [String] {
        try await requireAllKeys()
        return StreamDirectory(streams: try await names(after: "stream:", type: "stream"), positions: []).delayedStreams
    }

    /// Returns what follows a part of the names of keys of one type.
    private func names(after part: RedisKey, type: String) async throws -> [String] {
        let prefix = keys.prefix + part
        return try await scan(matching: prefix.escapedForGlob + "*", type: type).compactMap { $0.name(after: prefix) }
    }

    /// Collects the keys that match a pattern, each once, by SCAN on every server that has a part of them.
    func scan(matching pattern: RedisKey, type: String) async throws -> [RedisKey] {
        var found = try await keys(matching: pattern, type: type)
        // A slot that moved meanwhile, from a node that was yet to be asked to one that had been, is met the second time.
        if pool.cluster != nil { found.formUnion(try await keys(matching: pattern, type: type)) }
        return Array(found)
    }

    private func keys(matching pattern: RedisKey, type: String) async throws -> Set<RedisKey> {
        let found = try await pool.withEachPrimary { connection in
            var keys = Set<RedisKey>()
            var cursor = "0"
            repeat {
                let reply = try await connection.call(
                    "SCAN", cursor, "MATCH", pattern, "COUNT", 500, "TYPE", type)
                let parts = reply.elements
                cursor = parts.first?.string ?? "0"
                keys.formUnion((parts.last?.elements ?? []).compactMap(\.key))
            } while cursor != "0"
            return keys
        }
        return found.reduce(into: Set<RedisKey>()) { $0.formUnion($1) }
    }
}
