/// Announces records on their streams.
///
/// ```swift
/// let records = RecordProducer(Producer(client))
///     .using(Producer(ordersClient, waitingFor: .init(replicas: 1)), for: Order.self)
/// try await records.bulk(products) { try await database.reprice(products) }
/// ```
///
/// At least once, as ``Producer``: a call that throws may have written some of its messages. The order of the records is
/// kept on each stream.
public struct RecordProducer: Sendable {
    private let producer: Producer
    private var producers: [ObjectIdentifier: Producer] = [:]

    /// Creates a producer of records.
    ///
    /// - Parameter producer: What writes their messages, unless their type has its own.
    public init(_ producer: Producer) {
        self.producer = producer
    }

    /// A copy that writes the records of a type with a producer of their own: another Redis, another pool, other
    /// demands on replicas.
    ///
    /// - Parameters:
    ///   - producer: What writes their messages.
    ///   - type: The type of the records, exactly: a subclass has to be named itself.
    /// - Returns: The copy.
    public func using(_ producer: Producer, for type: any Streamable.Type) -> RecordProducer {
        var copy = self
        copy.producers[ObjectIdentifier(type)] = producer
        return copy
    }

    /// Returns the producer of the messages of a type's records.
    public func producer(for type: any Streamable.Type) -> Producer {
        producers[ObjectIdentifier(type)] ?? producer
    }

    /// Writes the immediate messages of records that have changed.
    ///
    /// - Parameter records: The records, of one type or many; none is nothing to do.
    /// - Throws: ``PayloadError/noKey`` and other errors of payloads, before anything is written; as
    ///   ``Producer/queue(_:on:)``.
    public func queue(_ records: [any Streamable]) async throws {
        try await queue(records.map(announcement))
    }

    /// Writes the delay messages of records that are about to change.
    ///
    /// - Parameter records: The records, of one type or many; none is nothing to do.
    /// - Throws: As ``queue(_:)``.
    public func delay(_ records: [any Streamable]) async throws {
        try await delay(records.map(announcement))
    }

    /// Writes delay messages for all records, changes the primary database, then queues the same records.
    ///
    /// All delay messages are acknowledged by Redis before `change` runs. The set of records, their streams and
    /// payloads are taken once, before. When `change` throws, or the process dies, nothing is queued, and the delay
    /// messages repair. Once `change` has returned, the records are queued even if the task is cancelled.
    ///
    /// - Parameters:
    ///   - records: The records, of one type or many.
    ///   - change: What changes the primary database.
    /// - Returns: The result of `change`.
    /// - Throws: What `change` threw; before it, as ``delay(_:)``; after it, as ``queue(_:)``. When queueing failed, the
    ///   change stands and every stream that could be written was; the delay messages repair the others.
    public func bulk<Value>(_ records: [any Streamable], change: () async throws -> Value) async throws -> Value {
        let announcements = try records.map(announcement)
        try await delay(announcements)
        let value = try await change()
        try await withoutCancellation { try await queue(announcements) }
        return value
    }

    /// Writes messages on their streams' delay streams.
    package func delay(_ announcements: [RecordAnnouncement]) async throws {
        for part in parts(of: announcements) {
            try await part.producer.append(part.messages, to: part.stream, isDelayed: true)
        }
    }

    /// Writes messages on their streams; those that can be, when a stream cannot be written.
    package func queue(_ announcements: [RecordAnnouncement]) async throws {
        if let failure = await failures(queueing: announcements).first { throw failure.error }
    }

    /// Writes messages on their streams.
    ///
    /// - Returns: The messages of streams that could not be written, and why.
    package func failures(queueing announcements: [RecordAnnouncement]) async -> [(part: Part, error: any Error)] {
        var failures: [(part: Part, error: any Error)] = []
        for part in parts(of: announcements) {
            do {
                try await part.producer.append(part.messages, to: part.stream, isDelayed: false)
            } catch {
                failures.append((part, error))
            }
        }
        return failures
    }

    /// Returns the message about a record, and its destination.
    package func announcement(of record: any Streamable) throws -> RecordAnnouncement {
        RecordAnnouncement(
            producerKey: producerKey(for: type(of: record)), stream: record.streamName,
            payload: try record.streamPayload)
    }

    /// The type, where it has a producer of its own; nil for the producer of all others.
    package func producerKey(for type: any Streamable.Type) -> ObjectIdentifier? {
        let key = ObjectIdentifier(type)
        return producers[key] == nil ? nil : key
    }

    /// The messages of one stream.
    package struct Part {
        /// The type whose producer writes them; nil for the producer of all others.
        package let producerKey: ObjectIdentifier?
        /// The producer of the messages.
        package let producer: Producer
        /// The stream.
        package let stream: String
        /// The messages, in order.
        package fileprivate(set) var messages: [OutgoingMessage] = []
    }

    /// The messages by stream, in the order in which the streams first occur.
    package func parts(of announcements: [RecordAnnouncement]) -> [Part] {
        struct Target: Hashable {
            let producerKey: ObjectIdentifier?
            let stream: String
        }
        var parts: [Part] = []
        var places: [Target: Int] = [:]
        for item in announcements {
            let target = Target(producerKey: item.producerKey, stream: item.stream)
            let place = places[target] ?? parts.count
            if place == parts.count {
                places[target] = place
                let producer = item.producerKey.flatMap { producers[$0] } ?? producer
                parts.append(Part(producerKey: item.producerKey, producer: producer, stream: item.stream))
            }
            parts[place].messages.append(item.payload.message)
        }
        return parts
    }
}
