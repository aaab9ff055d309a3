#if GRDB
public import GRDB
import Redstream

extension RecordStreamer {
    /// Changes all records of a request at once, and announces each.
    ///
    /// `updateAll` and `deleteAll` of a request read each record, and write its messages in their transaction. This is
    /// their form for many records:
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
    /// When Redis does not take the delay messages, ``Settings/outage`` decides, as for other writes. Where it lets changes
    /// be committed, its function is told of a thousand of them at a time, and the call returns.
    ///
    /// A process that dies at any moment leaves delay messages for all that it may have changed. A task that is cancelled
    /// after the change was committed queues the messages all the same.
    ///
    /// - Parameters:
    ///   - request: The records of one table; without associations. It is evaluated twice: before the delay messages, and
    ///     when the transaction of the change begins.
    ///   - writer: The database. No streamer needs to be installed in it.
    ///   - change: Changes the records of the narrowed request that it is given: those of `request` that were announced.
    ///     They are the same for each statement. It runs in a transaction.
    /// - Returns: The result of `change`.
    /// - Throws: ``StreamingError/delayMessagesFailed(changes:reason:)`` before the change; what `change` throws;
    ///   `DatabaseError`; `CancellationError` before the change;
    ///   ``StreamingError/immediateMessagesFailed(reason:)`` after the change was committed.
    @discardableResult
    public func bulk<Record: StreamingRecord & FetchableRecord, Value: Sendable>(
        _ request: @autoclosure @Sendable () -> QueryInterfaceRequest<Record>, in writer: any DatabaseWriter,
        change: @Sendable (Database, QueryInterfaceRequest<Record>) throws -> Value
    ) async throws -> Value {
        let spool = try await writer.write { db in try BulkSpool(request(), in: db) }
        // Without waiting: it has to be done for a task that was cancelled, too, and no error of it matters.
        defer { writer.asyncWriteWithoutTransaction { db in try? spool.drop(in: db) } }
        let delayed = try await delay(spool, in: writer)
        let value = try await writer.write { db in try change(db, spool.narrowed(request(), in: db)) }
        try await withoutCancellation { try await queue(spool, delayed, in: writer) }
        return value
    }

    /// The records of a bulk whose delay messages Redis has taken.
    private struct Delayed: Sendable {
        /// The last place; those of all places up to it were taken.
        var through = 0
        /// The error of the first slice that was not taken, where changes are committed all the same.
        var failure: (any Error)?
    }

    /// Notes what is announced of the records, and writes their delay messages.
    private func delay<Record>(_ spool: BulkSpool<Record>, in writer: any DatabaseWriter) async throws -> Delayed {
        var delayed = Delayed()
        try await inSlices(of: spool.count) { places in
            try await writer.write { db in try spool.announce(places, by: records, in: db) }
        } send: { places, announcements in
            guard delayed.failure == nil else { return }
            do {
                try await records.delay(announcements)
                delayed.through = places.upperBound
            } catch let error as CancellationError {
                throw error
            } catch {
                guard settings.outage.commits else {
                    throw StreamingError.delayMessagesFailed(changes: spool.count, reason: .init(error))
                }
                delayed.failure = error
            }
        }
        return delayed
    }

    /// Writes the immediate messages of the records, and reports those that have no message at all.
    private func queue<Record>(
        _ spool: BulkSpool<Record>, _ delayed: Delayed, in writer: any DatabaseWriter
    ) async throws {
        var failure: (any Error)?
        var (queued, unannounced) = (0, 0)
        do {
            try await inSlices(of: spool.count) { places in
                try await writer.writeWithoutTransaction { db in try spool.announcements(places, by: records, in: db) }
            } send: { places, announcements in
                // One failure is enough: a server that is away would be waited for once for each slice.
                var lost = announcements
                if failure == nil {
                    let failures = await records.failures(queueing: announcements)
                    failure = failures.first?.error
                    // Delay messages repair all that is left.
                    if let failure, delayed.failure == nil { throw failure }
                    lost = announcements.filter { item in
                        failures.contains { $0.part.producerKey == item.producerKey && $0.part.stream == item.stream }
                    }
                }
                queued += announcements.count - lost.count
                guard places.lowerBound > delayed.through, !lost.isEmpty, let reason = delayed.failure else { return }
                unannounced += lost.count
                let changes = lost
                try await writer.writeWithoutTransaction { db in report(changes, reason, in: db) }
            }
        } catch {
            failure = error
        }
        guard let failure else { return }
        let repaired = spool.count - queued - unannounced
        if repaired > 0 { noteFailedImmediateMessages(of: repaired, failure) }
        guard let reason = delayed.failure else {
            throw StreamingError.immediateMessagesFailed(reason: .init(failure))
        }
        if unannounced > 0 { noteUnannounced(unannounced, reason) }
    }

    /// Reads and sends slice after slice, in order; the next is read while one is sent.
    private func inSlices(
        of count: Int, read: @Sendable (ClosedRange<Int>) async throws -> [RecordAnnouncement],
        send: (ClosedRange<Int>, [RecordAnnouncement]) async throws -> Void
    ) async throws {
        var slices = Self.slices(of: count).makeIterator()
        guard var places = slices.next() else { return }
        var announcements = try await read(places)
        while let next = slices.next() {
            async let following = read(next)
            try await send(places, announcements)
            (places, announcements) = (next, try await following)
        }
        try await send(places, announcements)
    }

    /// Places from 1 on, a thousand at a time.
    private static func slices(of count: Int) -> some Sequence<ClosedRange<Int>> & Sendable {
        stride(from: 1, through: count, by: 1000).lazy.map { $0...min($0 + 999, count) }
    }
}
#endif
