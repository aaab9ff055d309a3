import Redstream

/// An offset never goes backwards; only a failover may roll it back, with all else that it rolls back.
enum Offsets {
    static func violations(in history: History) -> [Violation] {
        history.segments.flatMap { segment in
            var offsets: [ConsumerName: StreamID] = [:]
            var found: [Violation] = []
            for record in segment.records {
                guard case .committed(let consumer, let id) = record.event else { continue }
                if let old = offsets[consumer], id < old {
                    found.append(
                        Violation(.offsets, "\(consumer.name) of \(consumer.stream) went from \(old) to \(id)"))
                }
                offsets[consumer] = id
            }
            return found
        }
    }
}
