/// A message that has no entry in a stream yet.
public struct OutgoingMessage: Sendable, Equatable {
    /// The fields to write, in order.
    public var fields: [Message.Field]
    /// The entry id to write under; nil lets Redis assign the next one, which is what everything but a restore
    /// wants.
    public var id: StreamID?

    /// Creates a message with one field named `payload`, as the Ruby gem writes it.
    ///
    /// The payload is sent as it is. For text from outside, check it with ``JSONText`` first: the gem retries a
    /// payload that it cannot parse for ever.
    public init(payload: some Sequence<UInt8>) {
        fields = [Message.Field(name: Message.payloadName[...], value: ArraySlice(payload))]
    }

    /// Creates a message with the given fields, which are carried verbatim.
    public init(fields: [Message.Field], id: StreamID? = nil) {
        self.fields = fields
        self.id = id
    }

    /// Creates a message with the fields of one that was read, to be written anew.
    public init(copying message: Message, keepingID: Bool = false) {
        self.init(fields: message.fields, id: keepingID ? message.id : nil)
    }
}
