public import RedstreamConnection

/// Names the Redis keys of one namespace, as the Ruby gem names them.
///
/// Names are text. Redis takes any bytes, and other programs may have used some that are not UTF-8: such a byte is written
/// `\xHH` in a name, with two hexadecimal digits, and so is a backslash that would be taken for the start of one (`\x5c`).
public struct Keyspace: Sendable, Hashable {
    /// The namespace; nil for none.
    public let namespace: String?
    /// `redstream`, or `<namespace>:redstream`.
    public let base: String

    /// Creates the names for a namespace; nil or empty for none.
    public init(namespace: String? = nil) {
        let namespace = namespace.flatMap { $0.isEmpty ? nil : NameText.canonical($0) }
        self.namespace = namespace
        base = namespace.map { "\($0):redstream" } ?? "redstream"
    }

    /// Compares the namespaces byte by byte.
    public static func == (left: Keyspace, right: Keyspace) -> Bool { left.base.isSame(as: right.base) }

    /// Hashes the bytes of the namespace.
    public func hash(into hasher: inout Hasher) { hasher.combine(ExactText(base)) }

    /// The key of a name behind the base.
    private func key(_ name: String) -> RedisKey { RedisKey(name: "\(base):\(name)") }

    /// The stream: entries that consumers read.
    public func stream(_ stream: String) -> RedisKey { key("stream:\(stream)") }
    /// The delay stream: entries that a delayer moves to the stream when their time has come.
    public func delayStream(_ stream: String) -> RedisKey { self.stream(Self.delayStreamName(of: stream)) }
    /// The id of the last entry that a consumer has committed.
    public func offset(_ consumer: ConsumerName) -> RedisKey { key("offset:\(consumer.stream):\(consumer.name)") }
    /// The lock under which a consumer runs.
    package func lock(_ consumer: ConsumerName) -> LockName {
        LockName(key: key("lock:consumer:\(consumer.stream):\(consumer.name)"))
    }
    /// The keys of the offset and the lock of a consumer, of which only `<stream>:<consumer>` is known.
    func positionKeys(_ position: String) -> [RedisKey] {
        [key("offset:\(position)"), key("lock:consumer:\(position)")]
    }
    /// The lock under which a stream is trimmed.
    package func trimmerLock(_ stream: String) -> LockName { LockName(key: key("lock:trimmer:\(stream)")) }
    /// The delay in force, in milliseconds; written by the delayer, for operators to see.
    public func delay(_ stream: String) -> RedisKey { key("delay:\(stream)") }
    /// The last id that a trim really removed.
    public func trimMark(_ stream: String) -> RedisKey { key("trimmed:\(stream)") }
    /// Returns the key of the numbers of tries of each entry.
    public func attempts(_ consumer: ConsumerName) -> RedisKey {
        key("attempts:\(consumer.stream):\(consumer.name)")
    }
    /// Returns the key of the numbers of replays of entries that a consumer has not handled since.
    public func replays(_ consumer: ConsumerName) -> RedisKey { key("replays:\(consumer.stream):\(consumer.name)") }
    /// The names of a stream's consumers, scored by the time of their last session in milliseconds; 0 for one that a scan
    /// found.
    package func consumers(of stream: String) -> RedisKey { key("consumers:\(stream)") }
    /// The names of streams, scored by the time at which they were last noted: a hint, of which some may be gone.
    package var streamNames: RedisKey { key("streams") }
    /// The facts of the last scan for names.
    package var scanRecord: RedisKey { key("directory") }
    /// The lock of the service that scans for all.
    ///
    /// It has braces, so that a cluster keeps it beside its list of releases.
    package var scanLock: LockName { LockName(key: key("lock:{directory}")) }
    /// Entries that a consumer gave up on.
    public func deadLetters(_ consumer: ConsumerName) -> RedisKey {
        stream(deadLetterStreamName(of: consumer))
    }
    /// The name, as of a stream, of a consumer's dead letters.
    public func deadLetterStreamName(of consumer: ConsumerName) -> String { "\(consumer.stream).\(consumer.name).dead" }

    /// The pattern of SCAN that every key of the namespace matches.
    package var scanPattern: RedisKey { prefix.escapedForGlob + "*" }

    /// The bytes before the name of every key.
    package var prefix: RedisKey { key("") }

    /// The name of a stream's delay stream.
    public static func delayStreamName(of stream: String) -> String { "\(stream).delay" }
}

/// Names a consumer: two consumers are the same where stream and name are.
public struct ConsumerName: Sendable, Hashable, Comparable {
    /// The stream that it reads.
    public let stream: String
    /// Its own name, unique per stream.
    public let name: String

    /// Creates the name of a consumer of a stream.
    public init(stream: String, name: String) {
        self.stream = NameText.canonical(stream)
        self.name = NameText.canonical(name)
    }

    /// Compares stream and name byte by byte.
    public static func == (left: ConsumerName, right: ConsumerName) -> Bool {
        left.stream.isSame(as: right.stream) && left.name.isSame(as: right.name)
    }

    /// Orders by stream, then by name.
    public static func < (left: ConsumerName, right: ConsumerName) -> Bool {
        let (first, second) = (ExactText(left.stream), ExactText(right.stream))
        return first == second ? ExactText(left.name) < ExactText(right.name) : first < second
    }

    /// Hashes the bytes of stream and name.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(ExactText(stream))
        hasher.combine(ExactText(name))
    }

    /// The consumer as which a delayer appears: `delayer` of the delay stream.
    public static func delayer(of stream: String) -> ConsumerName {
        ConsumerName(stream: Keyspace.delayStreamName(of: stream), name: "delayer")
    }
}

/// Names a lock by its key.
package struct LockName: Sendable, Hashable {
    /// The string whose value is the holder.
    package let key: RedisKey
    /// The list by which a release wakes one standby.
    package var notifyKey: RedisKey { key + ".notify" }
}
