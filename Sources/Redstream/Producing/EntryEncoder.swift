import RedstreamConnection

/// Encodes messages as XADD commands, with everything that repeats encoded once.
///
/// The hot path of producing and delaying: each payload byte is copied once, into the buffer that is sent.
struct EntryEncoder: Sendable {
    /// The commands so far.
    private(set) var pipeline = RedisPipeline()
    private let commands: [EncodedArguments]
    private let assignedID = EncodedArguments("*")
    private let payloadName = EncodedArguments("payload")

    /// Creates an encoder for the stream with that Redis key.
    init(key: RedisKey) {
        self.init(keys: [key])
    }

    /// Creates an encoder for several streams, which entries name by their places.
    init(keys: [RedisKey]) {
        commands = keys.map { EncodedArguments("XADD", $0) }
    }

    /// Appends an entry with one field, `payload`, and an id that the server assigns.
    mutating func append(payload: UnsafeRawBufferPointer) {
        append(payload: payload, to: 0)
    }

    /// Appends an entry to the stream at a place, as ``append(payload:)`` does.
    @inline(__always)
    mutating func append(payload: UnsafeRawBufferPointer, to target: Int) {
        pipeline.beginCommand(argumentCount: 5)
        pipeline.appendEncoded(commands[target])
        pipeline.appendEncoded(assignedID)
        pipeline.appendEncoded(payloadName)
        pipeline.appendArgument(payload)
    }

    /// Appends an entry with the message's fields, verbatim, and its id where it has one.
    mutating func append(_ message: OutgoingMessage) {
        append(message, to: 0)
    }

    /// Appends an entry to the stream at a place, as the same without a place does.
    mutating func append(_ message: OutgoingMessage, to target: Int) {
        begin(target, fieldCount: message.fields.count, id: message.id)
        for field in message.fields {
            field.name.append(to: &pipeline)
            field.value.append(to: &pipeline)
        }
    }

    /// Appends an entry with the fields of one that was read, and an id that the server assigns.
    mutating func append(copying message: Message) {
        begin(0, fieldCount: message.fieldCount, id: nil)
        for position in 0..<message.fieldCount {
            let field = message.field(at: position)
            field.name.append(to: &pipeline)
            field.value.append(to: &pipeline)
        }
    }

    /// Appends any other command between the entries.
    mutating func append(_ arguments: any RedisArgument...) {
        pipeline.append(arguments)
    }

    /// Forgets the commands and keeps the buffer.
    mutating func removeAll() {
        pipeline.removeAll()
    }

    private mutating func begin(_ target: Int, fieldCount: Int, id: StreamID?) {
        pipeline.beginCommand(argumentCount: 3 + 2 * fieldCount)
        pipeline.appendEncoded(commands[target])
        if let id { id.description.append(to: &pipeline) } else { pipeline.appendEncoded(assignedID) }
    }
}
