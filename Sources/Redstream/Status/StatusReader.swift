import RedstreamConnection

/// Reads the states of streams and of their consumers in pipelines: three round trips for a hundred streams.
struct StatusReader: Sendable {
    /// The rows of a report.
    struct Rows {
        var streams: [ExactText: StreamStatus] = [:]
        var consumers: [ConsumerName: ConsumerStatus] = [:]
    }

    let client: StreamClient
    let options: Inspector.Options
    let now: UInt64
    /// The consumers of an earlier look.
    let previous: [ConsumerName: ConsumerStatus]

    /// Returns the rows of streams and of consumers, whose streams are read too.
    func rows(of streams: [String], _ consumers: [ConsumerName]) async throws -> Rows {
        let consumersByStream = Dictionary(grouping: consumers) { ExactText($0.primaryStream) }
        let names = Set(streams.map(ExactText.init)).union(consumersByStream.keys).sorted()
        let parts = try await client.reading(names, "the first or the last of the stream") { names in
            let consumers = names.flatMap { consumersByStream[$0] ?? [] }
            return zip(names, try await read(names.map(\.text), consumers)).map { ($0, $1) }
        }
        var rows = Rows()
        for (name, part) in parts {
            rows.streams[name] = part.stream
            for row in part.consumers { rows.consumers[row.consumer] = row }
        }
        return rows
    }

    /// Reads some streams, and returns the row of each and those of its consumers.
    private func read(
        _ streams: [String], _ consumers: [ConsumerName]
    ) async throws -> [(stream: StreamStatus, consumers: [ConsumerStatus])] {
        // The offsets come first: one that is read after the last id could be beyond it.
        let positions = try await positions(of: consumers)
        let facts = try await facts(of: streams)
        let byName = Dictionary(uniqueKeysWithValues: zip(streams.map(ExactText.init), facts))
        let pairs = zip(consumers, positions).compactMap { consumer, position in
            byName[ExactText(consumer.primaryStream)].map { (consumer, position, $0) }
        }
        let ranges =
            facts.flatMap { $0.delay.map { self.ranges(of: $0) } ?? [] }
            + pairs.compactMap { self.range(of: $0, $1, $2) }
        let counts = try await client.counts(of: ranges, isAlone: streams.count == 1)
        let rows = Dictionary(grouping: pairs.map { row(of: $0, $1, $2, counts) }) {
            ExactText($0.consumer.primaryStream)
        }
        return facts.map { facts in
            (status(of: facts, counts), rows[ExactText(facts.name)] ?? [])
        }
    }
}

// What is read.
extension StatusReader {
    /// The keys of a consumer.
    private struct Position {
        var committed: StreamID?
        var holder: String?
        var lease: Duration?
        var deadLetters: Int?
        /// The last id that a trim of its stream has removed.
        var trimmed: StreamID?
    }

    /// The keys of a stream.
    private struct Facts {
        let name: String
        var summary: StreamSummary?
        var memory: Int?
        var delay: DelayFacts?
    }

    /// The keys of a delay stream.
    private struct DelayFacts {
        let key: RedisKey
        let summary: StreamSummary
        /// The delay that the stream's delayer has left, or the one assumed.
        let delay: Duration?
    }

    private func positions(of consumers: [ConsumerName]) async throws -> [Position] {
        let commands = consumers.flatMap { consumer in
            let lock = client.keys.lock(consumer).key
            return [
                KeyCommand("GET", client.keys.trimMark(consumer.stream)),
                KeyCommand("GET", client.keys.offset(consumer)), KeyCommand("GET", lock), KeyCommand("PTTL", lock),
                KeyCommand("XLEN", client.keys.deadLetters(consumer)),
            ]
        }
        let replies = try await client.replies(to: commands)
        return try consumers.enumerated().map { place, consumer in
            let own = Array(replies[5 * place..<5 * place + 5])
            var position = Position()
            position.trimmed = try own[0].get().string.flatMap { StreamID($0) }
            position.committed = try readable { try StreamClient.offset(in: own[1], of: consumer) }
            position.holder = try own[2].get().string
            let left = try own[3].get().integer ?? -1
            if position.holder != nil, left >= 0 { position.lease = .milliseconds(left) }
            position.deadLetters = try readable { try own[4].get().integer ?? 0 }
            return position
        }
    }

    private func facts(of streams: [String]) async throws -> [Facts] {
        let commands = streams.flatMap { stream in
            let (key, delayed) = (client.keys.stream(stream), client.keys.delayStream(stream))
            return [
                KeyCommand(about: key, "XINFO", "STREAM", key), KeyCommand(about: key, "MEMORY", "USAGE", key),
                KeyCommand(about: delayed, "XINFO", "STREAM", delayed), KeyCommand("GET", client.keys.delay(stream)),
            ]
        }
        let replies = try await client.replies(to: commands)
        return try streams.enumerated().map { place, stream in
            let own = Array(replies[4 * place..<4 * place + 4])
            var facts = Facts(name: stream)
            facts.summary = try readable { try StreamSummary.read(own[0]) }
            // The user may not be allowed to ask.
            facts.memory = own[1].integer
            facts.delay = try readable { try StreamSummary.read(own[2]) }.map { summary in
                let delay = try own[3].get().integer.map { Duration.milliseconds($0) }
                return DelayFacts(
                    key: client.keys.delayStream(stream), summary: summary, delay: delay ?? options.assumedDelay)
            }
            return facts
        }
    }

    /// Reads the value of a key; nil where the key is of another type or makes no sense, which must not hide the other
    /// rows.
    private func readable<Value>(_ read: () throws -> Value?) throws -> Value? {
        do {
            return try read()
        } catch let error as RedisError where error.serverCode == .wrongType {
            return nil
        } catch RedstreamError.unreadableOffset {
            return nil
        }
    }
}

// Rows of what was read.
extension StatusReader {
    private typealias Counts = [EntryRange: EntryRange.Count]

    private func status(of facts: Facts, _ counts: Counts) -> StreamStatus {
        StreamStatus(
            stream: facts.name, length: facts.summary?.length, firstID: facts.summary?.firstID,
            lastID: facts.summary?.lastID, memory: facts.memory, delay: facts.delay.map { status(of: $0, counts) })
    }

    private func row(
        of consumer: ConsumerName, _ position: Position, _ stream: Facts, _ counts: Counts
    ) -> ConsumerStatus {
        var row = ConsumerStatus(
            consumer: consumer, committed: position.committed, holder: position.holder, lease: position.lease,
            deadLetters: position.deadLetters, verdict: .orphan)
        let summary = row.isDelayer ? stream.delay?.summary : stream.summary
        row.lastID = summary?.lastGeneratedID
        var verdict = Verdict.Facts(streamExists: summary != nil, isHeld: position.holder != nil)
        if row.isDelayer, let delay = stream.delay {
            let status = status(of: delay, counts)
            row.lag = status.due
            row.behind = status.overdue
            verdict.lastGeneratedID = max(delay.summary.lastGeneratedID, position.committed ?? .zero)
            verdict.hasLag = (row.lag?.value ?? 0) > 0
        } else if let summary {
            let offset = position.committed ?? .zero
            let lag = lag(behind: offset, consumer, position, stream, counts)
            row.lag = lag.entries
            row.behind =
                lag.first.map { .milliseconds(Int64(clamping: now > $0.milliseconds ? now - $0.milliseconds : 0)) }
                ?? .zero
            verdict.lastGeneratedID = summary.lastGeneratedID
            verdict.lastRemovedID = [position.trimmed, summary.maxDeletedID].compactMap(\.self).max()
            verdict.offset = offset
            verdict.hasLag = lag.first != nil
        }
        verdict.behind = row.behind
        verdict.stoodStill = previous[consumer].map {
            $0.committed == position.committed && $0.holder == position.holder
        }
        row.verdict = Verdict(verdict, stalledAfter: options.stalledAfter)
        return row
    }

    /// Returns the entries behind an offset, and the first of them.
    private func lag(
        behind offset: StreamID, _ consumer: ConsumerName, _ position: Position, _ stream: Facts, _ counts: Counts
    ) -> EntryRange.Count {
        if let range = range(of: consumer, position, stream) { return counts[range] ?? .none }
        // Nothing of what is present was read, or all of it: no need to count.
        guard let summary = stream.summary, let first = summary.firstID, offset < first else { return .none }
        return EntryRange.Count(entries: EntryCount(summary.length), first: first)
    }

    /// Returns the entries to count for a consumer; nil if there is no need to.
    private func range(of consumer: ConsumerName, _ position: Position, _ stream: Facts) -> EntryRange? {
        let offset = position.committed ?? .zero
        guard !consumer.isDelayer, let summary = stream.summary, let first = summary.firstID, let last = summary.lastID,
            offset >= first, offset < last, let next = offset.successor
        else { return nil }
        return EntryRange(
            of: client.keys.stream(consumer.stream), from: next, through: last, upTo: options.countLimit, summary)
    }

    private func status(of facts: DelayFacts, _ counts: Counts) -> DelayStatus {
        let length = facts.summary.length
        guard let delay = facts.delay else { return DelayStatus(length: length) }
        let policy = DelayPolicy(delay: delay)
        guard let first = facts.summary.firstID, let due = policy.lastDueID(now: now) else {
            return DelayStatus(length: length, delay: delay, due: EntryCount(0), overdue: .zero)
        }
        let (isOverdue, ranges) = (first <= due, ranges(of: facts))
        return DelayStatus(
            length: length, delay: delay,
            due: ranges.isEmpty ? EntryCount(isOverdue ? length : 0) : counts[ranges[0]]?.entries,
            nextDue: (ranges.isEmpty ? isOverdue ? nil : first : counts[ranges[1]]?.first).map {
                policy.wait(for: $0, now: now)
            },
            overdue: isOverdue ? .milliseconds(Int64(clamping: now - policy.delay - first.milliseconds)) : .zero)
    }

    /// Returns the entries of a delay stream that are due, and those that are not; none if all or none are due.
    private func ranges(of facts: DelayFacts) -> [EntryRange] {
        guard let first = facts.summary.firstID, let last = facts.summary.lastID,
            let due = facts.delay.flatMap({ DelayPolicy(delay: $0).lastDueID(now: now) }), first <= due, due < last,
            let next = due.successor
        else { return [] }
        return [
            EntryRange(of: facts.key, from: first, through: due, upTo: options.countLimit, facts.summary),
            EntryRange(of: facts.key, from: next, through: last, upTo: 0, facts.summary),
        ]
    }
}

extension ConsumerName {
    /// True if it is the name of a delayer.
    var isDelayer: Bool { name == "delayer" && stream.ends(with: ".delay") }

    /// The stream that it reads; for a delayer the stream that it moves entries to.
    fileprivate var primaryStream: String {
        isDelayer ? stream.removing(suffix: ".delay") ?? stream : stream
    }
}
