import Logging
import RedstreamConnection

// What the server's answers mean: what counts as acknowledged, and what has to be sent again.
extension ProducePipeline {
    /// Takes the replies to the first batch under way.
    mutating func receiveFirst() async throws {
        let connection = try await connect()
        let first = inFlight[0]
        var (answers, wait) = try await replies(to: 0, on: connection)
        if client.pool.cluster != nil, let place = answers.firstIndex(where: \.isRedirection) {
            (answers, wait) = try await followed(answers, from: place, of: first, on: connection)
        }
        let ids = answers.map { $0.bytes.flatMap(StreamID.init(utf8:)) }
        // If every XADD failed, report that error. The replica count would hide it.
        if let replicaWait, let wait, ids.contains(where: { $0 != nil }) {
            // The error of an entry says more than that of WAIT.
            let refused = answers.first { $0.kind == .error } ?? wait
            if wait.kind == .error, let refusal = refused.error {
                throw refusal
            }
            try await check(wait, of: replicaWait, ids: ids, of: first, on: connection)
        }
        let failed = ids.firstIndex(of: nil)
        try await acknowledge(ids.prefix(failed ?? ids.count), of: first)
        if let failed {
            inFlight[0].position = first.position + failed
            // Entries behind the failed one may be written; they are sent again with it, to keep the order.
            let written = ids[failed...].compactMap(\.self).count
            let error = answers[failed].error
            if error?.retryAdvice == .fail {
                try await acknowledge(ids[failed...], of: first)
                inFlight.removeFirst()
                await settleRest(on: connection)
            } else {
                if !first.isCountedAsDuplicate { tally.possiblyDoubled += written }
                await drain(connection)
            }
            connection.close()
            throw error ?? RedstreamError.unexpectedReply(to: "XADD")
        }
        inFlight.removeFirst()
        // What was under way behind one that was followed goes before anything new.
        if inFlight.first?.wasSent == false { try await receiveFirst() }
    }

    /// Sends what a node of a cluster has refused to where its stream has gone, and holds back what is behind it.
    ///
    /// What the node had taken before has gone along with the stream, and counts once the other node has answered. Where
    /// replicas are waited for it is sent again as well: the node may have been replaced, and nobody else have it.
    private mutating func followed(
        _ answers: [RedisReply], from place: Int, of first: InFlightBatch, on connection: RedisConnection
    ) async throws -> (answers: [RedisReply], wait: RedisReply?) {
        let place = replicaWait == nil ? place : 0
        if !first.isCountedAsDuplicate { tally.possiblyDoubled += answers[place...].count { $0.kind == .string } }
        await drain(connection)
        inFlight[0].position = first.position + place
        do {
            let (rest, wait) = try await replies(to: 0, on: connection)
            return (answers[..<place] + rest, wait)
        } catch {
            let ids = answers[..<place].map { $0.bytes.flatMap(StreamID.init(utf8:)) }
            try await acknowledge(ids[...], of: first)
            throw error
        }
    }

    /// Makes sure that replicas have a batch before any of it counts as acknowledged: the server may be a primary no
    /// more, and what it alone has is lost then.
    ///
    /// - Throws: ``RedstreamError/tooFewReplicas(written:acknowledged:wanted:)`` with what is written beyond what was
    ///   acknowledged, and no ids of it told.
    private mutating func check(
        _ reply: RedisReply, of wait: Producer.ReplicaWait, ids: [StreamID?], of first: InFlightBatch,
        on connection: RedisConnection
    ) async throws {
        let replicas = reply.integer ?? 0
        guard replicas < wait.replicas else { return }
        onIDs = nil
        tally.underReplicated += ids.count { $0 != nil }
        inFlight.removeFirst()
        await settleRest(on: connection)
        throw RedstreamError.tooFewReplicas(
            written: tally.underReplicated, acknowledged: replicas, wanted: wait.replicas)
    }

    /// The replies to a batch, and to its WAIT: to what was sent, or else to what is sent now, wherever its stream is.
    private mutating func replies(
        to index: Int, on connection: RedisConnection
    ) async throws -> (answers: [RedisReply], wait: RedisReply?) {
        let patience = replicaWait?.timeout ?? .zero
        let item = inFlight[index]
        let count = item.batch.count - item.position
        let replies: RedisReplies
        if item.wasSent {
            replies = try await connection.receive(count + (replicaWait == nil ? 0 : 1), blocking: patience)
        } else {
            replies = try await sending(index) { try await connection.execute($0, blocking: patience) }
        }
        return (Array(replies.prefix(count)), replicaWait == nil ? nil : replies.last)
    }

    /// Takes the replies to everything under way, after an entry was refused; all of it is to be sent again, in order.
    ///
    /// What was refused is not in doubt: sending it again doubles nothing.
    private mutating func drain(_ connection: RedisConnection) async {
        inFlight[0].wasSent = false
        for index in inFlight.indices.dropFirst() where inFlight[index].wasSent {
            guard let answers = try? await replies(to: index, on: connection).answers else { return }
            let written = answers.count { $0.kind == .string }
            if !inFlight[index].isCountedAsDuplicate { tally.possiblyDoubled += written }
            inFlight[index].isPartlyWritten = written > 0
            inFlight[index].wasSent = false
        }
    }

    /// Counts what else was written, before an error ends everything.
    private mutating func settleRest(on connection: RedisConnection) async {
        while let next = inFlight.first {
            guard next.wasSent, let (answers, wait) = try? await replies(to: 0, on: connection) else {
                inFlight.removeAll()
                return
            }
            inFlight.removeFirst()
            let ids = answers.map { $0.bytes.flatMap(StreamID.init(utf8:)) }
            if let replicaWait, (wait?.integer ?? 0) < replicaWait.replicas {
                tally.underReplicated += ids.count { $0 != nil }
            } else {
                try? await acknowledge(ids[...], of: next)
            }
        }
    }

    /// Counts entries whose ids were answered: nil where one was refused.
    ///
    /// The first of all ids, in whichever slice, is that of the entry at the item's position.
    mutating func acknowledge(_ answers: ArraySlice<StreamID?>, of item: InFlightBatch) async throws {
        let ids = answers.compactMap(\.self)
        guard !ids.isEmpty else { return }
        tally.count(answers, of: item)
        retries.succeeded()
        do {
            try await onIDs?(ids)
        } catch let error as CancellationError {
            throw error
        } catch {
            refusal = error
            onIDs = nil
        }
    }
}
