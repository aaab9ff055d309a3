/// Says why a change of a record could not be announced.
public enum StreamingError: Error, Sendable, Equatable {
    /// The transaction was not committed, since Redis did not take the delay messages of that many changes.
    case delayMessagesFailed(changes: Int, reason: String)
    /// The record streams its changes, and its database has no streamer: call ``RecordStreamer/install(in:)`` first.
    case notInstalled(table: String)
    /// An upsert has changed a row with another key than its record's, and that row cannot be read as a record: the type
    /// is no `FetchableRecord`, or its table has no rowid. Roll back, or `touch` the record that was meant.
    case unknownRow(table: String)
    /// The database has a streamer already.
    case alreadyInstalled
    /// The bulk's change is done; its immediate messages failed, so its delay messages announce it.
    case immediateMessagesFailed(reason: String)
}

extension StreamingError: CustomStringConvertible {
    /// One sentence in words.
    public var description: String {
        switch self {
        case .delayMessagesFailed(let changes, let reason):
            "the transaction was not committed: the delay messages of \(changes == 1 ? "1 change" : "\(changes) changes") failed: \(reason)"
        case .notInstalled(let table):
            "records of \(table) stream their changes, but no RecordStreamer is installed in this database"
        case .unknownRow(let table):
            "an upsert changed a row of \(table) with another key than the record's, and cannot tell which"
        case .alreadyInstalled: "a RecordStreamer is installed in this database already"
        case .immediateMessagesFailed(let reason):
            "the change is made, and will be announced by its delay messages: immediate messages failed: \(reason)"
        }
    }
}
