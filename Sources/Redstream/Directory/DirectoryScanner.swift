import RedstreamConnection

/// Finds names by scans, and merges them into the index.
struct DirectoryScanner: Sendable {
    /// The result of a look for names.
    enum Result: Sendable {
        /// The directory, as a scan has found it.
        case found(StreamDirectory)
        /// The names of streams that the index has, and the time since the last scan.
        case indexed(Set<ExactText>, age: Duration)
    }

    let client: StreamClient
    private var index: StreamIndex { StreamIndex(client: client) }

    /// Finds the directory by a scan, and writes nothing.
    func scanned() async throws -> StreamDirectory {
        var scan = NameScan(client)
        let found = try await names(by: &scan) ?? FoundNames(of: client.keys)
        return StreamDirectory(streams: found.streams, positions: found.positions)
    }

    /// Scans for a command.
    ///
    /// The index is written only where a scan costs much, so that a look at a small database changes nothing.
    func scanned(_ state: StreamIndex.State) async throws -> Result {
        try await scanned(NameScan(client), state, mergesAlways: false)
    }

    /// Scans for all services, unless another process does so.
    ///
    /// One scans, under a lock; the others go on with what the index has, and wait where it has nothing.
    ///
    /// - Parameters:
    ///   - isPaced: True to pause between pages.
    ///   - stop: Ends it.
    ///   - isDue: Tells whether a scan is due, under the lock: another process may have made one.
    /// - Returns: What is known then.
    /// - Throws: `RedisError`; `CancellationError`.
    func scannedForAll(
        isPaced: Bool = false, until stop: StopSignal?, isDue: @escaping @Sendable (StreamIndex.State) -> Bool
    ) async throws -> Result {
        while true {
            do {
                return try await client.withLock(client.keys.scanLock) { _ in
                    guard let state = try await index.state() else { return .found(try await scanned()) }
                    guard isDue(state) else { return state.result }
                    return try await scanned(
                        NameScan(client, isPaced: isPaced, until: stop), state, mergesAlways: true)
                }
            } catch let error as RedisError where error.serverCode == .noPermission {
                return .found(try await scanned())
            } catch let error as RedstreamError where error.isOfLock {
                guard let state = try await index.state() else { return .found(try await scanned()) }
                if state.isKnown || stop?.isStopping == true { return state.result }
                try await (stop ?? StopSignal()).sleep(for: .milliseconds(200))
            }
        }
    }

    private func scanned(_ scan: NameScan, _ state: StreamIndex.State, mergesAlways: Bool) async throws -> Result {
        var scan = scan
        guard let found = try await names(by: &scan) else { return state.result }
        let record = ScanRecord(began: state.now, cost: scan.cost, pages: scan.pages, servers: state.servers)
        if mergesAlways || record.pages > ScanRecord.fewPages {
            do {
                return .indexed(try await index.merge(found, record, into: state), age: .zero)
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
                KeyCommand("ZSCORE", client.keys.consumers(of: $0.stream), RedisKey(name: $0.name))
            })
        let known = zip(candidates, scores).filter { $0.1.kind == .string && $0.1.string != "0" }.map(\.0)
        guard !known.isEmpty else { return plain }
        return StreamDirectory(
            streams: found.streams, positions: found.positions, known: Set(known).union(plain.consumers))
    }

    /// Finds the names whose keys have the right type; nil where a stop came first.
    private func names(by scan: inout NameScan) async throws -> FoundNames? {
        let keys = client.keys
        guard let found = try await scan.keys(matching: keys.scanPattern) else { return nil }
        var names = FoundNames(keys: found, of: keys)
        let (streams, positions) = (Array(names.streams), Array(names.positions))
        let typed = streams.map { keys.stream($0.text) } + positions.flatMap { keys.positionKeys($0.text) }
        guard let types = try await client.types(of: typed) else {
            // SCAN with TYPE needs no right to TYPE, but is a second scan. All positions are taken for offsets and locks.
            let pattern = keys.stream("").escapedForGlob + "*"
            guard let found = try await scan.keys(matching: pattern, type: "stream") else { return nil }
            names.streams = FoundNames(keys: found, of: keys).streams
            return names
        }
        let isPosition = types.dropFirst(streams.count).map { $0 == "string" }
        names.streams = Set(zip(streams, types).filter { $0.1 == "stream" }.map(\.0))
        names.positions = Set(
            positions.indices.filter { isPosition[2 * $0] || isPosition[2 * $0 + 1] }.map { positions[$0] })
        return names
    }
}

extension StreamIndex.State {
    /// The names that the index has.
    var result: DirectoryScanner.Result { .indexed(streams, age: record?.age(at: now) ?? .zero) }
}

extension RedstreamError {
    /// True if another process holds a lock, or has taken it.
    fileprivate var isOfLock: Bool {
        switch self {
        case .lockHeld, .leaseLost: true
        default: false
        }
    }
}
