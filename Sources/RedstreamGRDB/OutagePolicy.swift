#if GRDB
public import GRDB
public import Redstream

/// The handling of a transaction whose delay messages Redis did not take in time.
public enum OutagePolicy: Sendable {
    /// The transaction fails before it commits, with ``StreamingError/delayMessagesFailed(changes:reason:)``.
    ///
    /// The default: nothing changes that the secondaries would not hear of. The application cannot write while Redis is
    /// away.
    case failTransaction
    /// The transaction commits, and what could not be announced is reported.
    ///
    /// The application can write while Redis is away, and the secondaries miss what is reported here, unless the
    /// application announces it later. The function is called after the commit, on the database's queue, and must not use
    /// the database.
    case commitAndReport(@Sendable (UnannouncedChanges) -> Void)
    /// The transaction commits, and what could not be announced is given to a function that may save it in the same
    /// database, such as in a table from which the application announces it later.
    ///
    /// The function is called after the commit, in a transaction of its own, and uses the database that it is given. No
    /// record that it changes is announced. If it throws, that is logged, and the changes that it was told of stand. What a
    /// process has not saved when it dies is lost, as what it has not reported is.
    case commitAndSave(@Sendable (UnannouncedChanges, Database) throws -> Void)

    /// True if changes may be committed whose delay messages Redis did not take.
    var commits: Bool {
        switch self {
        case .failTransaction: false
        case .commitAndReport, .commitAndSave: true
        }
    }
}

/// Changes that were committed, and of which no message could be written: all of a transaction, or some of a bulk's.
public struct UnannouncedChanges: Sendable {
    /// One change: the stream and the payload of its message.
    public struct Change: Sendable, Hashable {
        /// The stream.
        public let stream: String
        /// The payload that its consumers would have got.
        public let payload: Payload
    }

    /// The changes, in the order in which they were made.
    public let changes: [Change]
    /// Why Redis did not take their messages.
    public let reason: any Error
}
#endif
