/// Names the Redis keys of one namespace, as the Ruby gem names them.
public struct Keyspace: Sendable, Hashable {
    /// `redstream`, or `<namespace>:redstream`.
    public let base: String

    /// Creates the names for a namespace; nil or empty for none.
    public init(namespace: String? = nil) {
        if let namespace, !namespace.isEmpty { base = "\(namespace):redstream" } else { base = "redstream" }
    }

    /// The stream: entries that consumers read.
    public func stream(_ stream: String) -> String { "\(base):stream:\(stream)" }
    /// The delay stream: entries that a delayer moves to the stream when their time has come.
    public func delayStream(_ stream: String) -> String { self.stream(Self.delayStreamName(of: stream)) }
    /// The id of the last entry that a consumer has committed.
    public func offset(_ consumer: ConsumerName) -> String { "\(base):offset:\(consumer.stream):\(consumer.name)" }
    /// The lock under which a consumer runs.
    public func lock(_ consumer: ConsumerName) -> LockName {
        LockName(key: "\(base):lock:consumer:\(consumer.stream):\(consumer.name)")
    }
    /// The lock under which a stream is trimmed.
    public func trimmerLock(_ stream: String) -> LockName { LockName(key: "\(base):lock:trimmer:\(stream)") }
    /// The delay in force, in milliseconds; written by the delayer, for operators to see.
    public func delay(_ stream: String) -> String { "\(base):delay:\(stream)" }
    /// The last id that a trim really removed.
    public func trimMark(_ stream: String) -> String { "\(base):trimmed:\(stream)" }
    /// How often each entry was tried.
    public func attempts(_ consumer: ConsumerName) -> String {
        "\(base):attempts:\(consumer.stream):\(consumer.name)"
    }
    /// How often entries were replayed that a consumer has not handled since.
    public func replays(_ consumer: ConsumerName) -> String { "\(base):replays:\(consumer.stream):\(consumer.name)" }
    /// Entries that a consumer gave up on.
    public func deadLetters(_ consumer: ConsumerName) -> String {
        stream(deadLetterStreamName(of: consumer))
    }
    /// The name, as of a stream, of a consumer's dead letters.
    public func deadLetterStreamName(of consumer: ConsumerName) -> String { "\(consumer.stream).\(consumer.name).dead" }

    /// The pattern of SCAN that every key of the namespace matches.
    package var scanPattern: String { base.escapedForGlob + ":*" }

    /// The name of a stream's delay stream.
    public static func delayStreamName(of stream: String) -> String { "\(stream).delay" }
}

/// Names a consumer: two consumers are the same where stream and name are.
public struct ConsumerName: Sendable, Hashable {
    /// The stream that it reads.
    public let stream: String
    /// Its own name, unique per stream.
    public let name: String

    /// Creates the name of a consumer of a stream.
    public init(stream: String, name: String) {
        self.stream = stream
        self.name = name
    }

    /// The consumer as which a delayer appears: `delayer` of the delay stream.
    public static func delayer(of stream: String) -> ConsumerName {
        ConsumerName(stream: Keyspace.delayStreamName(of: stream), name: "delayer")
    }
}

/// Names a lock by its key.
public struct LockName: Sendable, Hashable {
    /// The string whose value is the holder.
    public let key: String
    /// The list by which a release wakes one standby.
    public var notifyKey: String { "\(key).notify" }
}
