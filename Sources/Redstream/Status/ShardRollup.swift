/// The sum of the shards of a stream, and its distribution over them.
public struct ShardRollup: Sendable, Equatable {
    /// The name that the shards have in common.
    public var stream: String
    /// The number of shards.
    public var shards: Int
    /// Shards whose stream exists.
    public var existing: Int
    /// Entries present.
    public var length: Int
    /// The ratio of the longest shard to the mean: 1 where all are equal; nil without entries.
    public var skew: Double?
    /// The stream of the longest shard; nil without entries.
    public var longest: String?
    /// Bytes in the server's memory; nil where that is unknown of a shard.
    public var memory: Int?
    /// Entries in the delay streams; nil where there are none.
    public var delayed: Int?
    /// Entries of the delay streams that are due; nil where that is unknown of a shard.
    public var due: EntryCount?
    /// Each consumer, and the delayer, sorted by name.
    public var consumers: [Consumer]

    /// A consumer of the shards.
    public struct Consumer: Sendable, Equatable {
        /// Its name.
        public var name: String
        /// Shards of which it is known: it has an offset there, or a lock, or an entry waits for it.
        public var known: Int
        /// Shards whose lock is held.
        public var held: Int
        /// The number of processes that hold them.
        public var holders: Int
        /// The entries that wait on all shards.
        public var lag: EntryCount
        /// The ratio of the largest lag to the mean: 1 where all are equal; nil without a lag.
        public var skew: Double?
        /// The stream with the largest lag; nil without a lag.
        public var largest: String?
        /// The age of the oldest entry that waits on any shard.
        public var behind: Duration?
        /// The worst of the shards' verdicts.
        public var verdict: Verdict
    }

    /// Adds up what a report tells of the shards of a stream.
    init(of report: StatusReport, stream: String, sharding: Sharding) {
        let names = Set(sharding.streams(of: stream).map(ExactText.init))
        let streams = report.streams.filter { names.contains(ExactText($0.stream)) }
        let present = streams.filter { $0.length != nil }
        self.stream = stream
        shards = sharding.count
        existing = present.count
        length = present.reduce(0) { $0 + ($1.length ?? 0) }
        let top = present.max { ($0.length ?? 0) < ($1.length ?? 0) }
        skew = Self.skew(largest: top?.length ?? 0, total: length, shards: sharding.count)
        longest = length > 0 ? top?.stream : nil
        memory = present.contains { $0.memory == nil } ? nil : present.reduce(0) { $0 + ($1.memory ?? 0) }
        let delays = streams.compactMap(\.delay)
        delayed = delays.isEmpty ? nil : delays.reduce(0) { $0 + $1.length }
        due = delays.isEmpty || delays.contains { $0.due == nil } ? nil : EntryCount(sumOf: delays.compactMap(\.due))
        let rows = Dictionary(grouping: report.consumers) { ExactText($0.consumer.name) }
        consumers = rows.keys.sorted().compactMap { name in
            rows[name].map { Consumer(name: name.text, rows: $0, shards: sharding.count) }
        }
    }

    fileprivate static func skew(largest: Int, total: Int, shards: Int) -> Double? {
        total > 0 ? Double(largest) * Double(shards) / Double(total) : nil
    }
}

extension ShardRollup.Consumer {
    fileprivate init(name: String, rows: [ConsumerStatus], shards: Int) {
        self.name = name
        known = rows.count
        let holders = rows.compactMap(\.holder)
        held = holders.count
        // A process holds each of its shards under a value of its own.
        self.holders = Set(holders.map(HolderIdentity.process(of:))).count
        lag = EntryCount(sumOf: rows.compactMap(\.lag))
        let top = rows.max { ($0.lag?.value ?? 0) < ($1.lag?.value ?? 0) }
        skew = ShardRollup.skew(largest: top?.lag?.value ?? 0, total: lag.value, shards: shards)
        largest = lag.value > 0 ? top?.consumer.stream : nil
        behind = rows.compactMap(\.behind).max()
        let order = Verdict.allCases
        verdict = order.first { verdict in rows.contains { $0.verdict == verdict } } ?? .idle
    }
}

extension EntryCount {
    /// Adds up; the sum is bounded where a part of it is.
    init(sumOf counts: [EntryCount]) {
        self.init(counts.reduce(0) { $0 + $1.value }, isBounded: counts.contains(where: \.isBounded))
    }
}
