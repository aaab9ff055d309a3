/// The messages that a consumer hands to its handler, in stream order, and the number of this try.
public struct Batch: Sendable {
    /// The consumer that reads.
    public let consumer: ConsumerName
    /// The messages, at least one, in stream order.
    public let messages: [Message]
    /// The number of this try of these messages, from 1.
    public let attempt: Int

    /// Creates a batch, as tests of handlers do.
    public init(consumer: ConsumerName, messages: [Message], attempt: Int = 1) {
        self.consumer = consumer
        self.messages = messages
        self.attempt = attempt
    }
}
