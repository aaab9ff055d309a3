public import Redstream

/// What becomes of a transaction whose delay messages Redis did not take in time.
public enum OutagePolicy: Sendable {
    /// The transaction fails before it commits, with ``StreamingError/delayMessagesFailed(changes:reason:)``.
    ///
    /// The default: nothing changes that the secondaries would not hear of. The application cannot write while Redis is
    /// away.
    case failTransaction
    /// The transaction commits, and what could not be announced is reported.
    ///
    /// The application can write while Redis is away, and the secondaries miss what is reported here, unless the
    /// application announces it later. The function is called on the database's queue, and must not use the database.
    case commitAndReport(@Sendable (UnannouncedChanges) -> Void)
}

/// Changes that were committed, and of which no message could be written.
public struct UnannouncedChanges: Sendable {
    /// One change: the stream and the payload of its message.
    public struct Change: Sendable, Hashable {
        /// The stream.
        public let stream: String
        /// What its consumers would have been told.
        public let payload: Payload
    }

    /// The changes, in the order in which they were made.
    public let changes: [Change]
    /// Why Redis did not take their messages.
    public let reason: any Error
}
