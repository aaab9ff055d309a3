/// The state of a namespace's streams and consumers at one moment.
public struct StatusReport: Sendable, Equatable {
    /// The server's time of the look, in milliseconds since 1970.
    public var time: UInt64
    /// Each stream, sorted by name.
    public var streams: [StreamStatus]
    /// Each consumer, sorted by stream and name; delayers among them.
    public var consumers: [ConsumerStatus]
    /// Offset or lock names that could belong to several streams, with what they could mean.
    public var ambiguous: [String: [ConsumerName]]
    /// The sum of the shards of a stream; nil where none was asked for.
    public var rollup: ShardRollup?
    /// The time since the scan for names, as ``StreamDirectory/age`` tells it.
    public var directoryAge: Duration = .zero
}

/// A number of entries that may have been counted only in part.
public struct EntryCount: Sendable, Equatable {
    /// The number counted.
    public var value: Int
    /// True if counting ended before the end: there are more than ``value``.
    public var isBounded: Bool

    /// Creates a count.
    public init(_ value: Int, isBounded: Bool = false) {
        self.value = value
        self.isBounded = isBounded
    }
}

/// A consumer of a stream.
///
/// What cannot be known is nil.
public struct ConsumerStatus: Sendable, Equatable {
    /// The stream and the name of the consumer.
    public var consumer: ConsumerName
    /// The id of the last committed entry; nil where none is stored.
    public var committed: StreamID?
    /// The last id of the stream; nil where the stream does not exist.
    public var lastID: StreamID?
    /// The entries that wait; for a delayer those that are overdue.
    public var lag: EntryCount?
    /// The age of the oldest entry that waits, by the server's clock; for a delayer how long it is overdue.
    ///
    /// Zero where none waits.
    public var behind: Duration?
    /// The holder of the lock; nil where nobody holds it.
    public var holder: String?
    /// The time that the lock lives if it is not renewed; nil where it is not held.
    public var lease: Duration?
    /// Entries that it gave up on, and that were neither replayed nor purged.
    public var deadLetters: Int? = 0
    /// The judgement.
    public var verdict: Verdict

    /// True if this is a delayer, which appears as the consumer `delayer` of a delay stream.
    public var isDelayer: Bool { consumer.isDelayer }
}

/// A stream and its delay stream.
///
/// What cannot be known is nil.
public struct StreamStatus: Sendable, Equatable {
    /// The name.
    public var stream: String
    /// Entries present; nil where the stream does not exist.
    public var length: Int?
    /// The first entry present.
    public var firstID: StreamID?
    /// The last entry present.
    public var lastID: StreamID?
    /// Bytes that the stream takes in the server's memory, by MEMORY USAGE.
    public var memory: Int?
    /// Its delay stream; nil where there is none.
    public var delay: DelayStatus?
}

/// A delay stream.
///
/// What cannot be known is nil.
public struct DelayStatus: Sendable, Equatable {
    /// Entries present.
    public var length: Int
    /// The delay by which the rest is computed: the one in force, or the one assumed.
    public var delay: Duration?
    /// Entries that are due now.
    public var due: EntryCount?
    /// When the next entry that is not due yet will be, from now; nil where there is none.
    public var nextDue: Duration?
    /// The time since the oldest entry was due; zero where none is overdue.
    public var overdue: Duration?
}
