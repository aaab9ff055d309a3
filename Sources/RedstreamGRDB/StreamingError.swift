#if GRDB
/// Says why a change of a record could not be announced.
public enum StreamingError: Error, Sendable, Equatable {
    /// The transaction was not committed, since Redis did not take the delay messages of that many changes.
    case delayMessagesFailed(changes: Int, reason: Reason)
    /// The record streams its changes, and its database has no streamer: call ``RecordStreamer/install(in:watching:)``
    /// first.
    case notInstalled(table: String)
    /// An upsert has changed a row with another key than its record's, and that row cannot be read as a record: the type
    /// is no `FetchableRecord`, or its table has no rowid. Roll back, or `touch` the record that was meant.
    case unknownRow(table: String)
    /// The statement would change many rows, and they cannot be read as records: the type is no `FetchableRecord`. Nothing
    /// was changed.
    case unreadableRows(table: String)
    /// The statement has changed primary keys, and the records that have them now are unknown. Roll back; change the
    /// records one by one.
    case changedKeys(table: String)
    /// The transaction was not committed, since it changed rows of these tables by statements that announce nothing; see
    /// ``BypassPolicy``.
    case bypassed(tables: [String])
    /// The database has a streamer already.
    case alreadyInstalled
    /// The bulk's change is done; its immediate messages failed, so its delay messages announce it.
    case immediateMessagesFailed(reason: Reason)

    /// The error of Redis that stands behind this one; nil where none does.
    public var underlying: (any Error)? {
        switch self {
        case .delayMessagesFailed(_, let reason), .immediateMessagesFailed(let reason): reason.underlying
        case .notInstalled, .unknownRow, .unreadableRows, .changedKeys, .bypassed, .alreadyInstalled: nil
        }
    }

    /// The error that kept messages from being written, and its words.
    public struct Reason: Sendable, Equatable, CustomStringConvertible, ExpressibleByStringInterpolation {
        /// The error; nil where the reason was given in words.
        public let underlying: (any Error)?
        /// The error in words.
        public let description: String

        /// Creates a reason from an error.
        public init(_ underlying: any Error) {
            self.underlying = underlying
            description = "\(underlying)"
        }

        /// Creates a reason in words.
        public init(stringLiteral value: String) {
            underlying = nil
            description = value
        }

        /// Returns true if both are the same in words.
        public static func == (left: Reason, right: Reason) -> Bool { left.description == right.description }
    }
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
        case .unreadableRows(let table):
            "the changes of \(table) cannot be announced, since its records are not FetchableRecord: change each record by itself, or call withoutStreaming"
        case .changedKeys(let table):
            "an update of many records changed primary keys of \(table), and cannot tell which records have them now: delete and insert the records"
        case .bypassed(let tables):
            "the transaction was not committed: it changed \(tables.joined(separator: ", ")) by statements that announce nothing; \(Self.bypassAdvice)"
        case .alreadyInstalled: "a RecordStreamer is installed in this database already"
        case .immediateMessagesFailed(let reason):
            "the change is made, and will be announced by its delay messages: immediate messages failed: \(reason)"
        }
    }

    /// Advice on the functions to call instead of a statement that announces nothing.
    static let bypassAdvice =
        "save or delete the records, call updateAll or deleteAll of their type, call RecordStreamer.bulk, or touch the records; withoutStreaming says that no message is wanted"
}
#endif
