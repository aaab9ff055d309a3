import Logging
import RedisClient

/// Writes a long run of entries to one stream, or to the shards of one, with two batches under way, so that the server
/// is never idle.
///
/// All go over one connection, so that their order holds in every stream. At least once: what was not acknowledged when a connection broke is sent again, and counted.
package struct ProducePipeline {
    private struct UnderWay {
        let batch: OutgoingBatch
        /// The entries before this one are acknowledged.
        var position = 0
        /// Whether the server may have seen the rest.
        var wasSent = false
        /// Whether some of the rest is in the stream although what was before it is not.
        var isPartlyWritten = false
        /// Whether the rest is counted as possibly doubled: once, however often it is sent.
        var isCounted = false
    }

    /// The most batches that are sent and not yet acknowledged.
    private static let depth = 2

    package private(set) var tally = Tally()
    private let client: StreamClient
    private let stream: String
    private let keys: [String]
    private let replicaWait: Producer.ReplicaWait?
    private let retryLimit: Duration
    private var onIDs: (([StreamID]) async throws -> Void)?
    private var connection: RedisConnection?
    private var underWay: [UnderWay] = []
    private var backoff = Backoff()
    /// What `onIDs` threw, until everything under way is counted.
    private var refusal: (any Error)?
    /// Since when nothing was acknowledged, after a failure.
    private var failingSince: ContinuousClock.Instant?

    /// Creates a pipeline to a stream, or to the shards of one, or to the delay streams of either.
    ///
    /// - Parameters:
    ///   - client: The namespace and its Redis.
    ///   - stream: The stream, or the name that its shards have in common; in a cluster, all of their keys share a slot.
    ///   - keys: The keys to write to, by which entries name their targets.
    ///   - replicaWait: Ends every batch with WAIT, when given.
    ///   - retryLimit: How long a server may be away before its error is thrown.
    ///   - onIDs: Is given the ids of acknowledged entries, in order; nil where nobody wants them.
    package init(
        _ client: StreamClient, stream: String, keys: [String], replicaWait: Producer.ReplicaWait? = nil,
        retryLimit: Duration,
        onIDs: (([StreamID]) async throws -> Void)? = nil
    ) {
        self.client = client
        self.stream = stream
        self.keys = keys
        if keys.count > 1 { tally.targets = Array(repeating: Target(), count: keys.count) }
        self.replicaWait = replicaWait
        self.retryLimit = retryLimit
        self.onIDs = onIDs
    }

    /// Sends a batch.
    ///
    /// It waits only for an earlier one.
    ///
    /// - Throws: `RedisError` that no retry can mend, or that lasted too long;
    ///   ``RedstreamError/tooFewReplicas(written:acknowledged:wanted:)``; what `onIDs` threw, once everything under way
    ///   is acknowledged. ``tally`` says what was written.
    package mutating func submit(_ batch: OutgoingBatch) async throws {
        guard batch.count > 0 else { return }
        if connection == nil { try client.requireOneSlot(of: stream) }
        underWay.append(UnderWay(batch: batch))
        do {
            try await send(underWay.count - 1)
        } catch {
            try await recover(from: error)
        }
        if underWay.count >= Self.depth { try await settleFirst() }
    }

    /// Waits until everything sent is acknowledged.
    package mutating func flush() async throws {
        while !underWay.isEmpty { try await settleFirst() }
    }

    /// Closes the connection.
    package mutating func close() {
        connection?.close()
        connection = nil
    }

    private mutating func settleFirst() async throws {
        try await settleNext()
        guard let refusal else { return }
        // Nobody takes ids any more; what was sent is to be counted all the same.
        while !underWay.isEmpty { try await settleNext() }
        throw refusal
    }

    private mutating func settleNext() async throws {
        while !underWay.isEmpty {
            do {
                try await receiveFirst()
                return
            } catch {
                try await recover(from: error)
            }
        }
    }

    /// Takes the replies to the first batch under way.
    private mutating func receiveFirst() async throws {
        let connection = try await connect()
        let first = underWay[0]
        var (answers, wait) = try await replies(to: 0, on: connection)
        if client.pool.cluster != nil, let place = answers.firstIndex(where: \.isRedirection) {
            (answers, wait) = try await followed(answers, from: place, of: first, on: connection)
        }
        let ids = answers.map { $0.bytes.flatMap(StreamID.init(utf8:)) }
        // Where nothing was written, why not tells more than that nobody has it.
        if let replicaWait, let wait, ids.contains(where: { $0 != nil }) {
            // Where the server refuses the entries too, that tells more.
            let refused = answers.first { $0.kind == .error } ?? wait
            if wait.kind == .error, let refusal = refused.error(from: connection.address) {
                throw refusal.asOfFormerPrimary
            }
            try await check(wait, of: replicaWait, ids: ids, of: first, on: connection)
        }
        let failed = ids.firstIndex(of: nil)
        try await acknowledge(ids.prefix(failed ?? ids.count), of: first)
        if let failed {
            underWay[0].position = first.position + failed
            // Entries behind the failed one may be written; they are sent again with it, to keep the order.
            let written = ids[failed...].compactMap(\.self).count
            let error = answers[failed].error(from: connection.address)
            if error?.retryAdvice == .fail {
                try await acknowledge(ids[failed...], of: first)
                underWay.removeFirst()
                await settleRest(on: connection)
            } else {
                tally.possiblyDoubled += written
                await drain(connection)
            }
            connection.close()
            throw error ?? RedstreamError.unexpectedReply(to: "XADD")
        }
        underWay.removeFirst()
        // What was under way behind one that was followed goes before anything new.
        if underWay.first?.wasSent == false { try await receiveFirst() }
    }

    /// Sends what a node of a cluster has refused to where its stream has gone, and holds back what is behind it.
    ///
    /// What the node had taken before has gone along with the stream, and counts once the other node has answered.
    private mutating func followed(
        _ answers: [RedisReply], from place: Int, of first: UnderWay, on connection: RedisConnection
    ) async throws -> (answers: [RedisReply], wait: RedisReply?) {
        tally.possiblyDoubled += answers[place...].count { $0.kind == .string }
        await drain(connection)
        underWay[0].position = first.position + place
        do {
            let (rest, wait) = try await replies(to: 0, on: connection)
            return (answers[..<place] + rest, wait)
        } catch {
            if replicaWait == nil {
                let ids = answers[..<place].map { $0.bytes.flatMap(StreamID.init(utf8:)) }
                try await acknowledge(ids[...], of: first)
            } else {
                // No replica of the other node is known to have it.
                underWay[0].position = first.position
            }
            throw error
        }
    }

    /// Makes sure that replicas have a batch before any of it counts as acknowledged: the server may be a primary no
    /// more, and what it alone has is lost then.
    ///
    /// - Throws: ``RedstreamError/tooFewReplicas(written:acknowledged:wanted:)`` with what is written counted, and no ids
    ///   told.
    private mutating func check(
        _ reply: RedisReply, of wait: Producer.ReplicaWait, ids: [StreamID?], of first: UnderWay,
        on connection: RedisConnection
    ) async throws {
        let replicas = reply.integer ?? 0
        guard replicas < wait.replicas else { return }
        onIDs = nil
        try await acknowledge(ids[...], of: first)
        underWay.removeFirst()
        await settleRest(on: connection)
        throw RedstreamError.tooFewReplicas(
            written: tally.acknowledged, acknowledged: replicas, wanted: wait.replicas)
    }

    /// The replies to a batch, and to its WAIT: to what was sent, or else to what is sent now, wherever its stream is.
    private mutating func replies(
        to index: Int, on connection: RedisConnection
    ) async throws -> (answers: [RedisReply], wait: RedisReply?) {
        let patience = replicaWait?.timeout ?? .zero
        let item = underWay[index]
        let count = item.batch.count - item.position
        let replies: RedisReplies
        if item.wasSent {
            replies = try await connection.receive(count + (replicaWait == nil ? 0 : 1), blocking: patience)
        } else {
            underWay[index].wasSent = true
            replies = try await connection.execute(commands(of: item), blocking: patience)
        }
        return (Array(replies.prefix(count)), replicaWait == nil ? nil : replies.last)
    }

    /// Takes the replies to everything under way, after an entry was refused; all of it is to be sent again, in order.
    ///
    /// What was refused is not in doubt: sending it again doubles nothing.
    private mutating func drain(_ connection: RedisConnection) async {
        underWay[0].wasSent = false
        for index in underWay.indices.dropFirst() where underWay[index].wasSent {
            guard let answers = try? await replies(to: index, on: connection).answers else { return }
            let written = answers.count { $0.kind == .string }
            if !underWay[index].isCounted { tally.possiblyDoubled += written }
            underWay[index].isPartlyWritten = written > 0
            underWay[index].wasSent = false
        }
    }

    /// Counts what else was written, before an error ends everything.
    private mutating func settleRest(on connection: RedisConnection) async {
        while let next = underWay.first {
            underWay.removeFirst()
            let expected = next.batch.count - next.position
            guard next.wasSent,
                let replies = try? await connection.receive(
                    expected + (replicaWait == nil ? 0 : 1), blocking: replicaWait?.timeout ?? .zero)
            else { return }
            try? await acknowledge(
                replies.prefix(expected).map { $0.bytes.flatMap(StreamID.init(utf8:)) }[...], of: next)
        }
    }

    /// Counts entries whose ids were answered: nil where one was refused.
    ///
    /// The first of all ids, in whichever slice, is that of the entry at the item's position.
    private mutating func acknowledge(_ answers: ArraySlice<StreamID?>, of item: UnderWay) async throws {
        let ids = answers.compactMap(\.self)
        guard let last = ids.last else { return }
        tally.acknowledged += ids.count
        if !tally.targets.isEmpty {
            for index in answers.indices {
                guard let id = answers[index] else { continue }
                let target = item.batch.target(of: item.position + index)
                tally.targets[target].acknowledged += 1
                tally.targets[target].lastID = id
            }
        }
        tally.lastID = last
        if failingSince != nil { client.logger.notice("the server is back") }
        failingSince = nil
        backoff.reset()
        do {
            try await onIDs?(ids)
        } catch let error as CancellationError {
            throw error
        } catch {
            refusal = error
            onIDs = nil
        }
    }

    /// Connects anew and sends again what is under way, until that succeeds or nothing was acknowledged for too long.
    private mutating func recover(from error: any Error) async throws {
        var error = error
        while true {
            guard let failure = error as? RedisError, failure.retryAdvice != .fail else { throw error }
            close()
            let since = failingSince ?? .now
            if failingSince == nil { client.logger.warning("\(failure); trying for \(retryLimit.secondsText)") }
            failingSince = since
            guard since.duration(to: .now) < retryLimit else { throw error }
            try await Task.sleep(for: backoff.nextDelay())
            do {
                for index in underWay.indices {
                    try await skipWritten(at: index)
                    let item = underWay[index]
                    if item.wasSent, !item.isCounted {
                        tally.possiblyDoubled += item.batch.count - item.position
                        underWay[index].isCounted = true
                    }
                    try await send(index)
                }
                return
            } catch let next {
                error = next
            }
        }
    }

    private mutating func send(_ index: Int) async throws {
        let connection = try await connect()
        underWay[index].wasSent = true
        try await connection.send(commands(of: underWay[index]))
    }

    /// Entries that keep their ids cannot be written twice: those that are in the stream already are acknowledged.
    ///
    /// The stream's last id would prove nothing, since others may have written it.
    private mutating func skipWritten(at index: Int) async throws {
        let ids = underWay[index].batch.ownIDs(from: underWay[index].position)
        guard underWay[index].wasSent || underWay[index].isPartlyWritten, !ids.isEmpty else { return }
        let (item, keys) = (underWay[index], keys)
        var look = RedisPipeline()
        for (offset, id) in ids.enumerated() {
            let key = keys[item.batch.target(of: item.position + offset)]
            look.append("XRANGE", key, id.description, id.description)
        }
        let commands = look
        let present = try await client.pool.withConnection(for: keys[0]) { connection in
            try await connection.executeChecked(commands).map { !$0.elements.isEmpty }
        }
        // The connection sends in order: what is written is the beginning.
        let written = ids.prefix(present.prefix { $0 }.count)
        try await acknowledge(written.map { $0 }[...], of: item)
        underWay[index].position += written.count
    }

    private func commands(of item: UnderWay) -> RedisPipeline {
        var pipeline = item.batch.pipeline(from: item.position)
        if let replicaWait {
            pipeline.append("WAIT", replicaWait.replicas, max(replicaWait.timeout.milliseconds, 1))
        }
        return pipeline
    }

    private mutating func connect() async throws -> RedisConnection {
        if let connection { return connection }
        let opened = try await client.pool.connect(name: "redstream:producer", for: keys[0])
        connection = opened
        return opened
    }
}

extension RedisError {
    /// The error in the words of its kind where a server cannot wait for replicas since it is one itself by now.
    ///
    /// What it had taken as a primary may be lost; it is sent again, to whoever is the primary then.
    fileprivate var asOfFormerPrimary: RedisError {
        guard code == "ERR", reason.contains("replica") else { return self }
        return RedisError(.server(code: "READONLY"), address: address, reason: "READONLY the server is a replica now")
    }
}
