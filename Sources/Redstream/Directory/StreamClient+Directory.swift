import RedstreamConnection

extension StreamClient {
    /// Finds the streams and consumers of the namespace.
    ///
    /// In a database of up to 10,000 keys it runs SCAN over all of them. In a larger one it reads the index that consumers,
    /// producers and scans keep on the server, by ZRANGE and TYPE, and scans again when the last scan is 100 times as long ago
    /// as it took, an hour at most: then consumers of the Ruby gem, and what other programs have written, may be missing for
    /// that time. A scan takes O(keys) in steps of a thousand, twice on each primary of a cluster. A server whose index the user may not
    /// read is scanned each time. What is created or removed meanwhile may be missed.
    ///
    /// - Throws: `RedisError`; ``RedstreamError/partOfCluster(address:)`` where the client was given one of several nodes
    ///   of a cluster as a server of its own: it has a part of the keys.
    public func directory() async throws -> StreamDirectory {
        try await directory(for: .look)
    }

    /// Finds streams and consumers.
    ///
    /// - Parameters:
    ///   - use: What they are wanted for, which decides whether names are scanned for.
    ///   - streams: The streams that are wanted, without their delay streams; nil for all.
    ///   - stop: Ends a scan of a service.
    /// - Throws: As ``directory()``.
    func directory(
        for use: DirectoryUse, of streams: [String]? = nil, until stop: StopSignal? = nil
    ) async throws -> StreamDirectory {
        try await requireAllKeys()
        let index = StreamIndex(client: self)
        guard let state = try await index.state() else { return try await NameSource(client: self).scanned() }
        var names = state.streams
        if state.isOutdated(for: use) {
            let source = NameSource(client: self)
            let scanned =
                if case .service = use {
                    try await source.scannedForAll(index, use, until: stop)
                } else {
                    try await source.scanned(index, state)
                }
            switch scanned {
            case .found(let directory): return directory
            case .merged(let all): names = all
            }
        }
        let wanted = streams.map { Set($0.map(NameText.canonical).map(ExactText.init)) } ?? names
        if let found = try await index.directory(of: wanted) { return found }
        return try await NameSource(client: self).scanned()
    }

    /// Finds the streams that have a delay stream, as ``directory()`` does.
    package func delayedStreams() async throws -> [String] { try await directory().delayedStreams }
}

/// Finds names by scans, and hands them over to the index.
struct NameSource: Sendable {
    /// The result of a scan.
    enum Result: Sendable {
        /// The directory, which was not handed over.
        case found(StreamDirectory)
        /// The index knows what was found: these are all names of streams.
        case merged(Set<ExactText>)
    }

    let client: StreamClient

    /// Finds the directory by a scan alone.
    func scanned() async throws -> StreamDirectory {
        var scan = NameScan(client)
        let found = try await names(by: &scan) ?? FoundNames(of: client.keys)
        return StreamDirectory(streams: found.streams, positions: found.positions)
    }

    /// Scans for somebody who waits.
    ///
    /// The index is written only where a scan costs much, so that a look at a small database changes nothing.
    func scanned(_ index: StreamIndex, _ state: StreamIndex.State) async throws -> Result {
        try await scanned(NameScan(client), index, state, mergesAlways: false)
    }

    /// Scans for all services, unless another one does.
    ///
    /// One scans, under a lock; the others go on with what is known, and wait where nothing is.
    func scannedForAll(_ index: StreamIndex, _ use: DirectoryUse, until stop: StopSignal?) async throws -> Result {
        while true {
            do {
                return try await client.withLock(client.keys.scanLock) { _ in
                    guard let state = try await index.state() else { return .found(try await scanned()) }
                    // Another process may have scanned before it gave the lock back.
                    guard state.isOutdated(for: use) else { return .merged(state.streams) }
                    let scan = NameScan(client, isPaced: state.isKnown, until: stop)
                    return try await scanned(scan, index, state, mergesAlways: true)
                }
            } catch RedstreamError.lockHeld {
                guard let state = try await index.state() else { return .found(try await scanned()) }
                if state.isKnown || stop?.isStopping == true { return .merged(state.streams) }
                try await (stop ?? StopSignal()).sleep(for: .milliseconds(50))
            } catch let error as RedisError where error.serverCode == .noPermission {
                return .found(try await scanned())
            }
        }
    }

    private func scanned(
        _ scan: NameScan, _ index: StreamIndex, _ state: StreamIndex.State, mergesAlways: Bool
    ) async throws -> Result {
        var scan = scan
        guard let found = try await names(by: &scan) else { return .merged(state.streams) }
        let record = ScanRecord(began: state.now, cost: scan.cost, pages: scan.pages, servers: state.servers)
        if mergesAlways || record.pages > ScanRecord.fewPages {
            do {
                return .merged(try await index.merge(found, record, into: state))
            } catch let error as RedisError where error.serverCode != nil {
                // A replica, or a full disk or memory, takes no index; the names are right all the same.
            }
        }
        return .found(try await directory(of: found))
    }

    /// Looks up which consumer is meant where a name may mean several: the set of its stream tells.
    private func directory(of found: FoundNames) async throws -> StreamDirectory {
        let plain = StreamDirectory(streams: found.streams, positions: found.positions)
        guard !plain.ambiguous.isEmpty else { return plain }
        let candidates = plain.ambiguous.values.joined().filter { found.registries.contains(ExactText($0.stream)) }
        let scores = try await client.replies(
            to: candidates.map {
                KeyCommand("ZSCORE", client.keys.consumers(of: $0.stream), RedisKey(bytes: NameText.bytes(of: $0.name)))
            })
        let known = zip(candidates, scores).filter { ($0.1.string ?? "0") != "0" && $0.1.kind == .string }.map(\.0)
        guard !known.isEmpty else { return plain }
        return StreamDirectory(
            streams: found.streams, positions: found.positions, known: Set(known).union(plain.consumers))
    }

    /// Finds the names whose keys have the right type; nil where a stop came first.
    private func names(by scan: inout NameScan) async throws -> FoundNames? {
        let keys = client.keys
        guard let found = try await scan.keys(matching: keys.scanPattern) else { return nil }
        var names = FoundNames(keys: found, of: keys)
        let streams = Array(names.streams)
        guard let types = try await client.types(of: streams.map { keys.stream($0.text) }) else {
            // A scan tells types too, at its price.
            let found = try await scan.keys(matching: keys.stream("").escapedForGlob + "*", type: "stream")
            names.streams = FoundNames(keys: found ?? [], of: keys).streams
            return found == nil ? nil : names
        }
        names.streams = Set(zip(streams, types).filter { $0.1 == "stream" }.map(\.0))
        let positions = Array(names.positions)
        let kinds = try await client.types(of: positions.flatMap { keys.positionKeys($0.text) }) ?? []
        names.positions = Set(
            positions.indices.filter { kinds[2 * $0..<2 * $0 + 2].contains("string") }.map { positions[$0] })
        return names
    }
}
