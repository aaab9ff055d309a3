import Redstream

/// Checks that every protected consumer had committed an entry when it left the stream.
enum Trimming {
    static func violations(in history: History) -> [Violation] {
        history.segments.flatMap { segment in
            var offsets: [ConsumerName: StreamID] = [:]
            var found: [Violation] = []
            for record in segment.records {
                switch record.event {
                case .committed(let consumer, let id): offsets[consumer] = id
                case .trimmed(let stream, let ids):
                    for consumer in history.cast.consumers where consumer.stream == stream {
                        let offset = offsets[consumer] ?? .zero
                        guard let lost = ids.first(where: { $0 > offset }) else { continue }
                        found.append(
                            Violation(
                                .trimming, "\(lost) left \(stream), where \(consumer.name) had committed \(offset)"))
                    }
                default: break
                }
            }
            return found
        }
    }
}
