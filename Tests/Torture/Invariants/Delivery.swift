import Redstream

/// Every acknowledged message was handled by every consumer of its stream, or stands in the consumer's dead letters.
enum Delivery {
    static func violations(in history: History) -> [Violation] {
        var found: [Violation] = []
        for consumer in history.cast.consumers {
            var reached = handled(by: consumer, in: history)
            for record in history.records {
                if case .deadLettered(consumer, _, let payload) = record.event { reached.insert(payload) }
            }
            for message in history.produced where message.stream == consumer.stream {
                guard let id = message.id, !reached.contains(message.payload) else { continue }
                found.append(
                    Violation(
                        .delivery,
                        "\(consumer.name) of \(consumer.stream) never got \(message.payload), acknowledged as \(id)"))
            }
        }
        return found + unwritten(in: history)
    }

    /// The payloads that a consumer's handlers have taken.
    static func handled(by consumer: ConsumerName, in history: History) -> Set<String> {
        Set((history.batches[consumer] ?? []).lazy.flatMap(\.entries).map(\.payload))
    }

    /// Messages that do not stand where the tool has said.
    private static func unwritten(in history: History) -> [Violation] {
        var written: [Key: String] = [:]
        for record in history.records {
            switch record.event {
            case .appended(let stream, let id, let payload):
                written[Key(stream: stream, isDelayed: false, id: id)] = payload
            case .delayed(let stream, let id, let payload):
                written[Key(stream: stream, isDelayed: true, id: id)] = payload
            default: break
            }
        }
        return history.produced.compactMap { message in
            guard let id = message.id else { return nil }
            let there = written[Key(stream: message.stream, isDelayed: message.isDelayed, id: id)]
            guard there != message.payload else { return nil }
            return Violation(
                .delivery,
                "\(message.payload) was acknowledged as \(id) of \(message.stream); there stands \(there ?? "nothing")")
        }
    }

    private struct Key: Hashable {
        let stream: String
        let isDelayed: Bool
        let id: StreamID
    }
}
