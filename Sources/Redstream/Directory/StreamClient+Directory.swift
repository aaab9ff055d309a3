package import RedstreamConnection

extension StreamClient {
    /// Finds the streams and consumers of the namespace.
    ///
    /// In a database of up to 10,000 keys it runs SCAN over all of them. In a larger one it reads the index that consumers,
    /// producers and scans keep on the server, by ZRANGE and TYPE, and scans again when the last scan is 100 times as long ago
    /// as it took, an hour at most: then consumers of the Ruby gem, and what other programs have written, may be missing for
    /// that time. A scan takes O(keys) in steps of a thousand, twice on each primary of a cluster. A server whose index the user
    /// may not read is scanned each time. What is created or removed meanwhile may be missed.
    ///
    /// - Throws: `RedisError`; ``RedstreamError/partOfCluster(address:)`` where the client was given one of several nodes
    ///   of a cluster as a server of its own: it has a part of the keys.
    public func directory() async throws -> StreamDirectory {
        try await directory(for: .look)
    }

    /// Finds streams and consumers.
    ///
    /// - Parameters:
    ///   - use: The use of the look, which decides whether it may scan.
    ///   - streams: The streams that are wanted, without their delay streams; nil for all.
    ///   - stop: Ends the wait for the first scan of a service.
    /// - Returns: The names; where streams are named, at least theirs.
    /// - Throws: As ``directory()``.
    package func directory(
        for use: DirectoryUse, of streams: [String]? = nil, until stop: StopSignal? = nil
    ) async throws -> StreamDirectory {
        switch try await names(for: use, until: stop) {
        case .found(let directory): return directory
        case .indexed(let all, let age):
            let wanted = streams.map { Set($0.map(NameText.canonical).map(ExactText.init)) } ?? all
            guard var indexed = try await StreamIndex(client: self).directory(of: wanted) else {
                return try await DirectoryScanner(client: self).scanned()
            }
            indexed.age = age
            return indexed
        }
    }

    /// Finds the streams that have a delay stream, by TYPE alone where the index may be read.
    package func delayedStreams(
        for use: DirectoryUse = .look, until stop: StopSignal? = nil
    ) async throws -> [String] {
        switch try await names(for: use, until: stop) {
        case .found(let directory): return directory.delayedStreams
        case .indexed(let all, _):
            let names = Set(all.map { ExactText($0.text.removing(suffix: ".delay") ?? $0.text) }).sorted()
            guard let types = try await types(of: names.map { keys.delayStream($0.text) }) else {
                return try await DirectoryScanner(client: self).scanned().delayedStreams
            }
            return zip(names, types).filter { $0.1 == "stream" }.map(\.0.text)
        }
    }

    /// Finds the names of streams, by a scan if one is due.
    private func names(for use: DirectoryUse, until stop: StopSignal?) async throws -> DirectoryScanner.Result {
        try await requireAllKeys()
        let scanner = DirectoryScanner(client: self)
        guard let state = try await StreamIndex(client: self).state() else {
            return .found(try await scanner.scanned())
        }
        guard state.isOutdated(for: use) else { return state.result }
        guard use == .service else { return try await scanner.scanned(state) }
        return try await scanner.scannedForAll(until: stop) { !$0.isKnown }
    }

    /// Runs a service that reads names, and scans for those that are not known beside it.
    ///
    /// One process scans for all, with pauses: a server is kept busy for a twentieth of the time.
    ///
    /// - Parameters:
    ///   - interval: The time between two scans; nil where their price decides.
    ///   - stop: Ends the scans.
    ///   - service: The service.
    /// - Throws: What `service` threw; `CancellationError`.
    func whileScanning(
        each interval: Duration?, until stop: StopSignal, _ service: @escaping @Sendable () async throws -> Void
    ) async throws {
        let hasEnded = StopSignal()
        try await stop.orStop(hasEnded) { either in
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { try await self.scanRepeatedly(each: interval, until: either) }
                defer { hasEnded.stop() }
                try await service()
            }
        }
    }

    private func scanRepeatedly(each interval: Duration?, until stop: StopSignal) async throws {
        while !stop.isStopping {
            var pause = Duration.seconds(5)
            // The service meets the same errors, and says them.
            do {
                // Without an index, the service scans each time; before the first scan it waits for that one.
                if let state = try await StreamIndex(client: self).state(), state.isKnown {
                    pause = min(pause, max(state.timeToScan(each: interval), .milliseconds(10)))
                    if state.timeToScan(each: interval) == .zero {
                        _ = try await DirectoryScanner(client: self).scannedForAll(isPaced: true, until: stop) {
                            $0.timeToScan(each: interval) == .zero
                        }
                    }
                }
            } catch is RedisError {} catch is RedstreamError {}
            try await stop.sleep(for: pause)
        }
    }
}
