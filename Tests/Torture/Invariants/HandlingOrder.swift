import Redstream

/// A handler gets no entry before all earlier entries of its stream were handled or given up.
///
/// That holds whatever comes again: who takes over starts after the committed offset, and what is committed was handled
/// before. A batch is whole: all entries from its first to its last.
enum HandlingOrder {
    static func violations(in history: History) -> [Violation] {
        history.cast.consumers.flatMap { violations(of: $0, in: history) }
    }

    private static func violations(of consumer: ConsumerName, in history: History) -> [Violation] {
        let ids = lastingEntries(of: consumer.stream, in: history)
        let places = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0) })
        var isCovered = [Bool](repeating: false, count: ids.count)
        for record in history.records {
            if case .deadLettered(consumer, let id, _) = record.event, let place = places[id] {
                isCovered[place] = true
            }
        }
        var found: [Violation] = []
        var frontier = 0
        for batch in history.batches[consumer] ?? [] {
            guard let first = batch.entries.first, let last = batch.entries.last else { continue }
            if zip(batch.entries, batch.entries.dropFirst()).contains(where: { $0.id >= $1.id }) {
                found.append(Violation(.order, "a batch of \(consumer.name) from \(first.id) is not in order"))
            }
            while frontier < ids.count, isCovered[frontier] { frontier += 1 }
            if frontier < ids.count, ids[frontier] < first.id {
                found.append(
                    Violation(
                        .order,
                        "\(consumer.name) of \(consumer.stream) got \(first.id) before \(ids[frontier]) (\(batch.process))"
                    ))
                // It is told once.
                while frontier < ids.count, ids[frontier] < first.id { frontier += 1 }
            }
            var expected = frontier
            if let place = places[first.id] { expected = place }
            for entry in batch.entries {
                guard let place = places[entry.id] else { continue }
                isCovered[place] = true
                if place > expected {
                    found.append(
                        Violation(
                            .order,
                            "\(consumer.name) of \(consumer.stream): the batch \(first.id)…\(last.id) lacks \(ids[expected])"
                        ))
                }
                expected = place + 1
            }
        }
        return found
    }

    /// The entries that a stream has ever had, in order, but for those that a failover has undone.
    ///
    /// Returns the entries that were never undone: acknowledged ones, and all if there is one segment only.
    static func lastingEntries(of stream: String, in history: History) -> [StreamID] {
        var ids: Set<StreamID> = []
        if history.segments.count > 1 {
            for message in history.produced where message.stream == stream && !message.isDelayed {
                if let id = message.id { ids.insert(id) }
            }
        } else {
            for record in history.records {
                if case .appended(stream, let id, _) = record.event { ids.insert(id) }
            }
        }
        return ids.sorted()
    }
}
