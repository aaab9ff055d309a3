package import Redstream

/// A job that one process does at a time, or one that each of several processes does.
package struct Role: Sendable, Hashable {
    /// The work of a role.
    package enum Work: Sendable, Hashable {
        /// Writes messages to a stream, or to its delay stream.
        case produce(stream: String, isDelayed: Bool)
        /// Consumes a stream under a name.
        case consume(ConsumerName)
        /// Moves the delay messages of streams.
        case delay([String])
        /// Removes what consumers have committed.
        case trim([String], protecting: [String])
    }

    /// Its name, which is also how its processes and files are named.
    package let name: String
    /// The work of the role.
    package let work: Work
    /// The number of its processes at a time.
    package let instances: Int

    static func consumer(_ consumer: ConsumerName, instances: Int) -> Role {
        Role(name: "consumer-\(consumer.stream)-\(consumer.name)", work: .consume(consumer), instances: instances)
    }

    static func delayer(of streams: [String], instances: Int) -> Role {
        Role(name: "delayer", work: .delay(streams), instances: instances)
    }

    static func trimmer(of streams: [String], protecting names: [String], instances: Int) -> Role {
        Role(name: "trimmer", work: .trim(streams, protecting: names), instances: instances)
    }

    static func producer(_ number: Int, stream: String, isDelayed: Bool) -> Role {
        Role(
            name: "producer-\(stream)-\(number)", work: .produce(stream: stream, isDelayed: isDelayed), instances: 1)
    }

    /// True if others of its processes stand by while one works, for as long as that one lives.
    package var hasStandby: Bool { instances > 1 && !locks.isEmpty }

    /// The locks that its processes hold for as long as they live; a trimmer takes its own for a pass only.
    package var locks: [Lock] {
        switch work {
        case .produce, .trim: []
        case .consume(let consumer): [.consumer(consumer)]
        case .delay(let streams): streams.map { .delayer(of: $0) }
        }
    }

    /// The command line of an instance.
    ///
    /// - Parameters:
    ///   - number: Which instance; two trimmers say in two ways whom they protect.
    ///   - handler: The command that handles a batch.
    ///   - producing: What every producer is to be told, such as how many replicas to wait for.
    /// - Returns: The words after the tool's name.
    func arguments(of number: Int, handler: String, producing: [String]) -> [String] {
        switch work {
        case .produce(let stream, let isDelayed):
            return ["produce", "--stream", stream, "--print-ids", "--retry-for", "1h"]
                + (isDelayed ? ["--delayed"] : []) + producing
        case .consume(let consumer):
            let policy = ["--max-attempts", "3", "--on-failure", "dead-letter", "--timeout", "30s"]
            return [
                "consume", "--stream", consumer.stream, "--name", consumer.name, "--exec", handler,
                "--batch-size", "100",
            ] + (consumer.name == Cast.indexer ? policy : [])
        case .delay(let streams):
            return ["delay", "--delay", "\(Cast.delay.milliseconds)ms"] + streams.flatMap { ["--stream", $0] }
        case .trim(let streams, let names):
            let protected = number.isMultiple(of: 2) ? ["--committed"] : ["--consumers", names.joined(separator: ",")]
            return ["trim", "--interval", "300ms"] + protected + streams.flatMap { ["--stream", $0] }
        }
    }
}

/// A lock of the wire contract.
package enum Lock: Sendable, Hashable {
    /// The one under which a consumer runs.
    case consumer(ConsumerName)
    /// The one under which the delay messages of a stream move.
    case delayer(of: String)
    /// The one under which a stream is trimmed.
    case trimmer(of: String)

    /// Its name among the keys.
    package func name(in keys: Keyspace) -> LockName {
        switch self {
        case .consumer(let consumer): keys.lock(consumer)
        case .delayer(let stream): keys.lock(.delayer(of: stream))
        case .trimmer(let stream): keys.trimmerLock(stream)
        }
    }
}

extension Lock: CustomStringConvertible {
    /// As in `the consumer indexer of products`.
    package var description: String {
        switch self {
        case .consumer(let consumer): "the consumer \(consumer.name) of \(consumer.stream)"
        case .delayer(let stream): "the delayer of \(stream)"
        case .trimmer(let stream): "the trimmer of \(stream)"
        }
    }
}
