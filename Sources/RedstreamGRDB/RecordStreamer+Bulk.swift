public import GRDB
import Redstream

extension RecordStreamer {
    /// Changes all records of a request at once, and announces each.
    ///
    /// `updateAll` and `deleteAll` bypass the callbacks of records; this is their form that announces:
    ///
    /// ```swift
    /// try await streamer.bulk(Product.filter { $0.stock == 0 }, in: dbQueue) { db, products in
    ///     try products.updateAll(db) { $0.price.set(to: 0) }
    /// }
    /// ```
    ///
    /// It takes the primary keys of the request's records once, writes their delay messages, runs the change in one
    /// transaction, and queues the same records: they have the messages that their delay messages had, whatever the
    /// change made of them. Records are taken and announced by slices of a thousand, so that memory stays flat. The
    /// database is not held up by the network.
    ///
    /// A process that dies at any moment leaves delay messages for all that it may have changed.
    ///
    /// - Parameters:
    ///   - request: The records of one table; without associations. It is evaluated again for the change.
    ///   - writer: The database. No streamer needs to be installed in it.
    ///   - change: Changes the records of the narrowed request that it is given: those of `request` that were announced.
    ///     It runs in a transaction.
    /// - Returns: What `change` returned.
    /// - Throws: `RedisError` before the change; what `change` throws; `DatabaseError`;
    ///   ``StreamingError/immediateMessagesFailed(reason:)`` after the change was committed.
    @discardableResult
    public func bulk<Record: StreamingRecord & FetchableRecord, Value: Sendable>(
        _ request: @autoclosure @Sendable () -> QueryInterfaceRequest<Record>, in writer: any DatabaseWriter,
        change: @Sendable (Database, QueryInterfaceRequest<Record>) throws -> Value
    ) async throws -> Value {
        let spool = try await writer.write { db in try BulkSpool(request(), in: db) }
        // Without waiting: it has to be done for a task that was cancelled, too, and no error of it matters.
        defer { writer.asyncWriteWithoutTransaction { db in try? spool.drop(in: db) } }
        return try await run(spool, request: request, in: writer, change: change)
    }

    private func run<Record: StreamingRecord & FetchableRecord, Value: Sendable>(
        _ spool: BulkSpool<Record>, request: @Sendable () -> QueryInterfaceRequest<Record>,
        in writer: any DatabaseWriter,
        change: @Sendable (Database, QueryInterfaceRequest<Record>) throws -> Value
    ) async throws -> Value {
        for places in Self.slices(of: spool.count) {
            let announcements = try await writer.write { db in try spool.announce(places, by: records, in: db) }
            try await records.delay(announcements)
        }
        let value = try await writer.write { db in try change(db, spool.narrowed(request())) }
        var queued = 0
        do {
            for places in Self.slices(of: spool.count) {
                let announcements = try await writer.writeWithoutTransaction { db in
                    try spool.announcements(places, by: records, in: db)
                }
                try await records.queue(announcements)
                queued = places.upperBound
            }
        } catch {
            noteFailedImmediateMessages(of: spool.count - queued, error)
            throw StreamingError.immediateMessagesFailed(reason: "\(error)")
        }
        return value
    }

    /// Places from 1 on, a thousand at a time.
    private static func slices(of count: Int) -> some Sequence<ClosedRange<Int>> & Sendable {
        stride(from: 1, through: count, by: 1000).lazy.map { $0...min($0 + 999, count) }
    }
}
