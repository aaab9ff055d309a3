/// That a record changed: what is said of it, and where.
package struct RecordAnnouncement: Sendable, Hashable {
    /// The type whose own producer says it; nil for the producer of all others.
    package let producerKey: ObjectIdentifier?
    /// The stream.
    package let stream: String
    /// The payload that consumers get.
    package let payload: Payload

    /// Creates an announcement.
    package init(producerKey: ObjectIdentifier?, stream: String, payload: Payload) {
        self.producerKey = producerKey
        self.stream = stream
        self.payload = payload
    }
}
