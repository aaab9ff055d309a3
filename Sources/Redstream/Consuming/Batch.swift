/// What a consumer hands to its handler: messages in stream order, and which try this is.
public struct Batch: Sendable {
    /// The consumer that reads.
    public let consumer: ConsumerName
    /// The messages, at least one, in stream order.
    public let messages: [Message]
    /// Which try of these messages this is, from 1.
    public let attempt: Int

    /// Creates a batch, as tests of handlers do.
    public init(consumer: ConsumerName, messages: [Message], attempt: Int = 1) {
        self.consumer = consumer
        self.messages = messages
        self.attempt = attempt
    }
}
