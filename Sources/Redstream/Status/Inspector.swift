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
    /// Finds names as ``StreamClient/directory()`` does, then for each stream XINFO STREAM and MEMORY USAGE, for each consumer
    /// GET, PTTL, XLEN and XRANGE, in pipelines of a hundred streams; counting costs O(entries counted).
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
        let reader = StatusReader(
            client: client, options: options, now: now,
            previous: Dictionary((previous?.consumers ?? []).map { ($0.consumer, $0) }) { first, _ in first })
        let rows = try await reader.rows(of: names, consumers)
        var report = StatusReport(
            time: now, streams: names.compactMap { rows.streams[ExactText($0)] },
            consumers: consumers.compactMap { rows.consumers[$0] }, ambiguous: directory.ambiguous)
        report.directoryAge = directory.age
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
}
