import Logging
package import RedstreamConnection

/// Writes a long run of entries to one stream, or to the shards of one, with two batches under way, so that the server
/// is never idle.
///
/// All go over one connection, so that their order holds in every stream. At least once: what was not acknowledged when
/// a connection broke is sent again, and counted.
package struct ProducePipeline {
    /// The most batches that are sent and not yet acknowledged.
    private static let depth = 2

    package internal(set) var tally = Tally()
    let client: StreamClient
    private let stream: String
    private let keys: [RedisKey]
    let replicaWait: Producer.ReplicaWait?
    var onIDs: (([StreamID]) async throws -> Void)?
    private var connection: RedisConnection?
    var inFlight: [InFlightBatch] = []
    /// The error that `onIDs` threw, until everything under way is counted.
    var refusal: (any Error)?
    let retries: Retries

    /// Creates a pipeline to a stream, or to the shards of one, or to the delay streams of either.
    ///
    /// - Parameters:
    ///   - client: The namespace and its Redis.
    ///   - stream: The stream, or the name that its shards have in common; in a cluster, all of their keys share a slot.
    ///   - keys: The keys to write to, by which entries name their targets.
    ///   - replicaWait: Ends every batch with WAIT, when given.
    ///   - retryLimit: The time that a server may be away before its error is thrown.
    ///   - onIDs: Is given the ids of acknowledged entries, in order; nil where nobody wants them.
    package init(
        _ client: StreamClient, stream: String, keys: [RedisKey], replicaWait: Producer.ReplicaWait? = nil,
        retryLimit: Duration,
        onIDs: (([StreamID]) async throws -> Void)? = nil
    ) {
        self.client = client
        self.stream = stream
        self.keys = keys
        if keys.count > 1 { tally.targets = Array(repeating: Target(), count: keys.count) }
        self.replicaWait = replicaWait
        retries = Retries(client, for: retryLimit)
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
        inFlight.append(InFlightBatch(batch: batch))
        do {
            try await send(inFlight.count - 1)
        } catch {
            try await recover(from: error)
        }
        if inFlight.count >= Self.depth { try await settleFirst() }
    }

    /// Waits until everything sent is acknowledged.
    package mutating func flush() async throws {
        while !inFlight.isEmpty { try await settleFirst() }
    }

    /// Returns whether no target existed before: all entries that were ever added to them are of this pipeline.
    ///
    /// Asks XINFO STREAM once everything is acknowledged. Servers before Redis 7.0 do not tell; then it is false.
    package func hasMadeStreams() async -> Bool {
        guard let connection, inFlight.isEmpty else { return false }
        let counts = tally.targets.isEmpty ? [tally.acknowledged] : tally.targets.map(\.acknowledged)
        let written = zip(keys, counts).filter { $1 > 0 }
        guard let first = written.first else { return false }
        // One that was there before settles it.
        for part in [[first], Array(written.dropFirst())] where !part.isEmpty {
            var look = RedisPipeline()
            for (key, _) in part { look.append("XINFO", "STREAM", key) }
            guard let replies = try? await connection.execute(look),
                zip(part, replies).allSatisfy({ StreamSummary($1)?.entriesAdded == $0.1 })
            else { return false }
        }
        return true
    }

    /// Closes the connection, and tries nothing again.
    package mutating func close() {
        disconnect()
        retries.end()
    }

    private mutating func disconnect() {
        connection?.close()
        connection = nil
    }

    private mutating func settleFirst() async throws {
        try await settleNext()
        guard let refusal else { return }
        // Nobody takes ids any more; what was sent is to be counted all the same.
        while !inFlight.isEmpty { try await settleNext() }
        throw refusal
    }

    private mutating func settleNext() async throws {
        while !inFlight.isEmpty {
            do {
                try await receiveFirst()
                return
            } catch {
                try await recover(from: error)
            }
        }
    }

    /// Connects anew and sends again what is under way, until that succeeds or nothing was acknowledged for too long.
    private mutating func recover(from error: any Error) async throws {
        var error = error
        while true {
            disconnect()
            try await retries.failed(error)
            do {
                for index in inFlight.indices {
                    try await skipWritten(at: index)
                    let item = inFlight[index]
                    if item.wasSent, !item.isCountedAsDuplicate {
                        tally.possiblyDoubled += item.batch.count - item.position
                        inFlight[index].isCountedAsDuplicate = true
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
        try await sending(index) { try await connection.send($0) }
    }

    /// Sends the commands of a batch, and notes that the server may have seen them.
    mutating func sending<Value>(_ index: Int, _ send: (RedisPipeline) async throws -> Value) async throws -> Value {
        let item = inFlight[index]
        inFlight[index].wasSent = true
        do {
            return try await send(commands(of: item))
        } catch let error as RedisError where error.cause == .closedWhileIdle {
            // Nothing went out this time: it cannot be doubled.
            inFlight[index].wasSent = item.wasSent
            throw error
        }
    }

    /// Entries that keep their ids cannot be written twice: those that are in the stream already are acknowledged.
    ///
    /// The stream's last id would prove nothing, since others may have written it.
    private mutating func skipWritten(at index: Int) async throws {
        let ids = inFlight[index].batch.ownIDs(from: inFlight[index].position)
        guard inFlight[index].wasSent || inFlight[index].isPartlyWritten, !ids.isEmpty else { return }
        let (item, keys) = (inFlight[index], keys)
        // The connection sends in order: the entries that are written are the first.
        var written = ids.prefix(0)
        let sizes = ReadSizes(maximum: ids.count)
        while written.count < ids.count {
            let rest = ids[written.endIndex...]
            let found = try await retries.connecting {
                try await sizes.reading("\(rest.first ?? .zero)", loggingTo: client.logger) { size in
                    let count = min(size, rest.count)
                    var look = RedisPipeline()
                    for (offset, id) in zip(rest.indices, rest).prefix(count) {
                        let key = keys[item.batch.target(of: offset)]
                        look.append("XRANGE", key, id.description, id.description)
                    }
                    let commands = look
                    let replies = try await client.pool.withConnection(for: keys[0]) {
                        try await $0.executeChecked(commands)
                    }
                    return (replies.map { !$0.elements.isEmpty }, count)
                }
            }
            let present = found.prefix { $0 }.count
            written = ids[..<(written.endIndex + present)]
            guard present == found.count else { break }
        }
        try await acknowledge(written.map { $0 }[...], of: item)
        inFlight[index].position += written.count
    }

    private func commands(of item: InFlightBatch) -> RedisPipeline {
        var pipeline = item.batch.pipeline(from: item.position)
        if let replicaWait {
            pipeline.append("WAIT", replicaWait.replicas, max(replicaWait.timeout.milliseconds, 1))
        }
        return pipeline
    }

    /// Returns the connection; opens it if there is none.
    mutating func connect() async throws -> RedisConnection {
        if let connection { return connection }
        let opened = try await retries.connecting {
            try await client.pool.connect(name: "redstream:producer", for: keys[0])
        }
        connection = opened
        try await client.register(keys.compactMap { $0.name(after: client.keys.stream("")) }, on: opened)
        return opened
    }
}

/// A batch that a pipeline has taken and that is not acknowledged as a whole.
struct InFlightBatch {
    let batch: OutgoingBatch
    /// The entries before this one are acknowledged.
    var position = 0
    /// True if the server may have seen the rest.
    var wasSent = false
    /// True if some of the rest is in the stream although the entries before it are not.
    var isPartlyWritten = false
    /// True if the rest is counted as possibly doubled: once, however often it is sent.
    var isCountedAsDuplicate = false
}
