#if GRDB
/// The treatment of a transaction that changes streaming records by statements that announce nothing: SQL, triggers,
/// cascading foreign keys.
///
/// SQLite tells of such changes the table, and not the record, so that they cannot be announced. They are noticed in the
/// tables of records that were changed before through the same database, and of those that
/// ``RecordStreamer/install(in:watching:)`` was given. What is done inside of
/// ``GRDB/Database/withoutStreaming(_:)`` is meant to announce nothing.
public enum BypassPolicy: Sendable {
    /// The transaction commits; the changes are counted by `redstream_changes_unannounced_total`, and the first of each
    /// table is logged.
    case report
    /// The transaction fails before it commits, with ``StreamingError/bypassed(tables:)``.
    case failTransaction
}
#endif
