import RedstreamConnection

/// Looks at streams, consumers and delayers, and judges them.
///
/// It changes nothing, apart from the names that ``StreamClient/directory()`` keeps.
///
/// ```swift
/// let report = try await Inspector(client).report()
/// for row in report.consumers where row.verdict == .stopped { print(row.consumer.name) }
/// ```
public struct Inspector: Sendable {
    /// The streams and consumers to look at, and the level of detail.
    public struct Options: Sendable {
        /// Only this stream; nil for all.
        public var stream: String?
        /// Only the shards of that stream, and what they come to together; nil for the stream itself.
        public var sharding: Sharding?
        /// Only this consumer name; nil for all.
        public var consumer: String?
        /// The age of an unread entry at which a consumer that stands still is called stalled; 60 s by default.
        public var stalledAfter: Duration
        /// Up to where entries are counted; 10,000 by default, nil counts to the end.
        public var countLimit: Int?
        /// The delay to assume where no delayer has left one.
        public var assumedDelay: Duration?

        /// Creates options.
        public init(
            stream: String? = nil, sharding: Sharding? = nil, consumer: String? = nil,
            stalledAfter: Duration = .seconds(60),
            countLimit: Int? = 10_000, assumedDelay: Duration? = nil
        ) {
            precondition(sharding == nil || stream != nil, "shards are those of a stream")
            self.stream = stream
            self.sharding = sharding
            self.consumer = consumer
            self.stalledAfter = stalledAfter
            self.countLimit = countLimit
            self.assumedDelay = assumedDelay
        }
    }

    let client: StreamClient
    let options: Options

    /// Creates an inspector.
    public init(_ client: StreamClient, options: Options = Options()) {
        self.client = client
        self.options = options
    }

    /// Looks once.
    ///
    /// Finds names as ``StreamClient/directory()`` does, then for each stream XINFO STREAM and MEMORY USAGE, for each consumer GET, PTTL,
    /// XLEN and XRANGE; counting costs O(entries counted).
    ///
    /// - Parameter previous: An earlier look, without which no consumer is called stalled.
    /// - Returns: The report.
    /// - Throws: `RedisError`.
    public func report(comparedWith previous: StatusReport? = nil) async throws -> StatusReport {
        let directory = try await client.directory(
            for: options.stream == nil ? .look : .namedStreams, of: namedStreams)
        let now = try await client.serverTime()
        let consumers = selected(directory)
        let names = streamNames(directory, consumers)
        var report = StatusReport(time: now, streams: [], consumers: [], ambiguous: directory.ambiguous)
        for name in names {
            report.streams.append(try await status(of: name, now: now))
        }
        for consumer in consumers {
            let before = previous?.consumers.first { $0.consumer == consumer }
            report.consumers.append(try await status(of: consumer, now: now, previous: before))
        }
        if let stream = options.stream, let sharding = options.sharding {
            report.rollup = ShardRollup(of: report, stream: stream, sharding: sharding)
        }
        return report
    }

    /// Returns whether a second look could turn a verdict into ``Verdict/stalled``.
    public func mayBeStalled(_ report: StatusReport) -> Bool {
        report.consumers.contains { $0.verdict == .active && ($0.behind ?? .zero) > options.stalledAfter }
    }

    /// The streams that were asked for by name; nil for all there are.
    private var namedStreams: [String]? {
        options.stream.map(NameText.canonical).map { options.sharding?.streams(of: $0) ?? [$0] }
    }

    private func selected(_ directory: StreamDirectory) -> [ConsumerName] {
        var consumers = directory.consumers
        if let namedStreams {
            let named = Set(namedStreams.map(ExactText.init))
            // Naming the stream settles what an ambiguous offset belongs to.
            consumers += directory.ambiguous.values.joined().filter { named.contains(ExactText($0.stream)) }
            let delayers = Set(namedStreams.map(ConsumerName.delayer(of:)))
            consumers.removeAll { !named.contains(ExactText($0.stream)) && !delayers.contains($0) }
            if options.sharding != nil { consumers += missing(from: consumers, of: named, directory) }
        }
        if let name = options.consumer { consumers.removeAll { !$0.name.isSame(as: NameText.canonical(name)) } }
        return Set(consumers).sorted()
    }

    /// A consumer of some shards is one of all: where it has no offset yet, it has read nothing.
    private func missing(
        from consumers: [ConsumerName], of shards: Set<ExactText>, _ directory: StreamDirectory
    ) -> [ConsumerName] {
        let names = Set(consumers.filter { shards.contains(ExactText($0.stream)) }.map { ExactText($0.name) })
        return directory.streams.filter { shards.contains(ExactText($0)) }.flatMap { shard in
            names.map { ConsumerName(stream: shard, name: $0.text) }
        }
    }

    private func streamNames(_ directory: StreamDirectory, _ consumers: [ConsumerName]) -> [String] {
        if let namedStreams { return namedStreams }
        let owners = directory.delayedStreams + directory.streams.filter { !$0.ends(with: ".delay") }
        return Set(owners.map(ExactText.init)).sorted().map(\.text)
    }

    private func status(of stream: String, now: UInt64) async throws -> StreamStatus {
        let key = client.keys.stream(stream)
        let summary = try await readable { try await client.summary(ofKey: key) }
        return StreamStatus(
            stream: stream, length: summary?.length, firstID: summary?.firstID, lastID: summary?.lastID,
            memory: try await client.memory(ofKey: key),
            delay: try await delayStatus(of: stream, now: now))
    }

    private func delayStatus(of stream: String, now: UInt64) async throws -> DelayStatus? {
        let key = client.keys.delayStream(stream)
        guard let summary = try await readable({ try await client.summary(ofKey: key) }) else { return nil }
        let delay = try await client.delayInForce(of: stream) ?? options.assumedDelay
        guard let delay else { return DelayStatus(length: summary.length) }
        let policy = DelayPolicy(delay: delay)
        guard let first = summary.firstID, let last = policy.lastDueID(now: now) else {
            return DelayStatus(length: summary.length, delay: delay, due: EntryCount(0), overdue: .zero)
        }
        let due = try await count(key: key, from: .zero, through: last)
        let next = try await client.firstEntry(ofKey: key, after: last)
        let overdue: Duration =
            first <= last ? .milliseconds(Int64(clamping: now - policy.delay - first.milliseconds)) : .zero
        return DelayStatus(
            length: summary.length, delay: delay, due: due, nextDue: next.map { policy.wait(for: $0, now: now) },
            overdue: overdue)
    }

    private func status(
        of consumer: ConsumerName, now: UInt64, previous: ConsumerStatus?
    ) async throws -> ConsumerStatus {
        let key = client.keys.stream(consumer.stream)
        let lock = client.keys.lock(consumer)
        let committed = try await readable { try await client.storedOffset(of: consumer) }
        let summary = try await readable { try await client.summary(ofKey: key) }
        let (holder, lease) = try await client.holder(of: lock)
        var row = ConsumerStatus(
            consumer: consumer, committed: committed, lastID: summary?.lastGeneratedID, holder: holder, lease: lease,
            deadLetters: try await readable { try await client.deadLetterCount(of: consumer) }, verdict: .orphan)
        var facts = Verdict.Facts(streamExists: summary != nil, isHeld: holder != nil)
        if let summary, row.isDelayer {
            let stream = consumer.stream.removing(suffix: ".delay") ?? consumer.stream
            let delay = try await delayStatus(of: stream, now: now)
            row.lag = delay?.due
            row.behind = delay?.overdue
            facts.lastGeneratedID = max(summary.lastGeneratedID, committed ?? .zero)
            facts.hasLag = (row.lag?.value ?? 0) > 0
        } else if let summary {
            let offset = committed ?? .zero
            row.lag = try await lag(behind: offset, key: key, summary: summary)
            let oldest = try await client.firstEntry(ofKey: key, after: offset)
            row.behind =
                oldest.map { .milliseconds(Int64(clamping: now > $0.milliseconds ? now - $0.milliseconds : 0)) }
                ?? .zero
            facts.lastGeneratedID = summary.lastGeneratedID
            facts.lastRemovedID = try await client.lastRemovedID(of: consumer.stream, summary)
            facts.offset = offset
            facts.hasLag = oldest != nil
        }
        facts.behind = row.behind
        facts.stoodStill = previous.map { $0.committed == committed && $0.holder == holder }
        row.verdict = Verdict(facts, stalledAfter: options.stalledAfter)
        return row
    }

    /// Reads the value of a key; nil where the key is of another type or makes no sense, which must not hide the other
    /// rows.
    private func readable<Value>(_ read: () async throws -> Value?) async throws -> Value? {
        do {
            return try await read()
        } catch let error as RedisError where error.serverCode == .wrongType {
            return nil
        } catch RedstreamError.unreadableOffset {
            return nil
        }
    }

    private func lag(behind offset: StreamID, key: RedisKey, summary: StreamSummary) async throws -> EntryCount {
        guard let first = summary.firstID, let from = offset.successor else { return EntryCount(0) }
        // Nothing of what is present was read: no need to count.
        if offset < first { return EntryCount(summary.length) }
        return try await count(key: key, from: from, through: .max)
    }

    private func count(key: RedisKey, from first: StreamID, through last: StreamID) async throws -> EntryCount {
        guard let limit = options.countLimit else {
            return EntryCount(try await client.count(key: key, from: first, through: last, limit: nil))
        }
        let counted = try await client.count(key: key, from: first, through: last, limit: limit + 1)
        return EntryCount(min(counted, limit), isBounded: counted > limit)
    }
}

extension StreamClient {
    /// Returns the holder of a lock, and the life of the lock; nil where nobody holds it.
    func holder(of lock: LockName) async throws -> (holder: String?, lease: Duration?) {
        var pipeline = RedisPipeline()
        pipeline.append("GET", lock.key)
        pipeline.append("PTTL", lock.key)
        let commands = pipeline
        let replies = try await pool.withConnection(for: lock.key) { try await $0.executeChecked(commands) }
        guard let holder = replies[0].string else { return (nil, nil) }
        let left = replies[1].integer ?? -1
        return (holder, left < 0 ? nil : .milliseconds(left))
    }

    /// The delay that the stream's delayer has left; nil where none has.
    func delayInForce(of stream: String) async throws -> Duration? {
        let key = keys.delay(stream)
        return try await pool.withConnection(for: key) { try await $0.call("GET", key) }.integer.map {
            .milliseconds($0)
        }
    }

    fileprivate func firstEntry(ofKey key: RedisKey, after id: StreamID) async throws -> StreamID? {
        try await pool.withConnection(for: key) { connection in
            let reply = try await connection.call("XRANGE", key, "(\(id)", "+", "COUNT", 1)
            return StreamEntries(range: reply).first.flatMap { StreamID(utf8: $0.id) }
        }
    }

    /// The highest id that is known to have been removed: by our trims, or by XDEL where the server notes it.
    fileprivate func lastRemovedID(of stream: String, _ summary: StreamSummary) async throws -> StreamID? {
        let key = keys.trimMark(stream)
        let mark = try await pool.withConnection(for: key) { try await $0.call("GET", key) }.string.flatMap {
            StreamID($0)
        }
        return [mark, summary.maxDeletedID].compactMap(\.self).max()
    }

    /// MEMORY USAGE; nil where the key does not exist, or the user may not ask.
    fileprivate func memory(ofKey key: RedisKey) async throws -> Int? {
        let pipeline = RedisPipeline("MEMORY", "USAGE", key)
        return try await pool.withConnection(for: key) { try await $0.execute(pipeline)[0].integer }
    }
}
