/// An entry that a consumer gave up on: as it was, and why.
///
/// Its entry in the dead-letter stream has seven fields that tell of it, always the first ones and in this order, then
/// the entry's own. So nothing that an entry holds can be taken for them.
public struct DeadLetter: Sendable, Identifiable {
    /// The origin of a letter, and the reason for it.
    public struct Origin: Sendable, Equatable {
        /// The stream that the entry stood in.
        public var stream: String
        /// The consumer that gave it up.
        public var consumer: String
        /// The last error in words.
        public var reason: String
        /// When it was given up, in milliseconds since 1970 by the server's clock.
        public var time: UInt64
        /// The number of calls of the consumer's handler with it.
        public var attempts: Int
        /// The number of times that it was replayed before.
        public var replays: Int
    }

    enum FieldName {
        static let stream = "redstream-dead-stream"
        static let id = "redstream-dead-id"
        static let consumer = "redstream-dead-consumer"
        static let reason = "redstream-dead-reason"
        static let time = "redstream-dead-time"
        static let attempts = "redstream-dead-attempts"
        static let replays = "redstream-dead-replays"
        static let all = [stream, id, consumer, reason, time, attempts, replays]
    }

    /// The id in the dead-letter stream.
    public let id: StreamID
    /// The entry as it was: its id in its stream, and its own fields.
    public let message: Message
    /// The origin; nil for an entry that no consumer has put there.
    public let origin: Origin?

    /// The number of the letter's names and values that tell of the origin.
    var prefixLength: Int { origin == nil ? 0 : 2 * FieldName.all.count }

    /// Reads an entry of a dead-letter stream.
    init(_ entry: Message) {
        id = entry.id
        let fields = entry.fields
        guard let (id, origin) = Self.origin(of: fields) else {
            origin = nil
            message = entry
            return
        }
        self.origin = origin
        message = Message(id: id, fields: Array(fields.dropFirst(FieldName.all.count)))
    }

    private static func origin(of fields: [Message.Field]) -> (StreamID, Origin)? {
        guard fields.count >= FieldName.all.count else { return nil }
        var values: [String] = []
        for (field, name) in zip(fields, FieldName.all) {
            guard field.name.elementsEqual(name.utf8) else { return nil }
            values.append(String(decoding: field.value, as: UTF8.self))
        }
        guard let id = StreamID(values[1]), let time = UInt64(values[4]), let attempts = Int(values[5]),
            let replays = Int(values[6])
        else { return nil }
        let origin = Origin(
            stream: values[0], consumer: values[2], reason: values[3], time: time, attempts: attempts,
            replays: replays)
        return (id, origin)
    }
}
